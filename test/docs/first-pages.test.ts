import { globSync } from 'node:fs';
import { describeDocumentedCode } from '../support/documented-code.js';

describeDocumentedCode(globSync('{.,docs,libs/*,deploy,.github}/*.md'));
