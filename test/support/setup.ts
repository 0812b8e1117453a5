// These imports must come first. Otherwise a CommonJS package that requires Nest during its own import fails with
// "Cannot require() ES Module in a cycle".
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
