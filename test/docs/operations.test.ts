import { globSync } from 'node:fs';
import { describeDocumentedCode } from '../support/documented-code.js';

describeDocumentedCode([...globSync('docs/operations/*.md'), 'docs/releasing.md']);
