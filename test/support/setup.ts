// First of all: a CommonJS package that requires Nest while it is being imported fails with "Cannot require() ES Module
// in a cycle".
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
