// What script adds to pages that work without it: one click is one request, a place to drop a file,
// errors that take the focus, and progress that comes by itself.
import {
  Button, ErrorSummary, FileUpload, ServiceNavigation, SkipLink, createAll,
} from 'govuk-frontend';
import { follow } from './progress.js';
import { sealed } from './upload.js';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
for (const component of [Button, ErrorSummary, FileUpload, ServiceNavigation, SkipLink]) {
  createAll(component);
}
for (const form of document.querySelectorAll('form[data-seal]')) sealed(form);
for (const place of document.querySelectorAll('[data-follow]')) follow(place);
