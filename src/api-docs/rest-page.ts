/**
 * The page of `GET /docs`, which shows the OpenAPI document in Swagger UI. Its script is a separate file, because many
 * content security policies forbid inline scripts.
 */
export const restPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Usher API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="api"><noscript>This page needs scripts. You can read <a href="/openapi.json">the document itself</a> without scripts.</noscript></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/**
 * Starts Swagger UI without its validator, because the validator would send the document to another server. Swagger UI
 * forgets the API keys that a person enters when the page closes, because the next person could use them.
 */
export const restPageScript = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;
