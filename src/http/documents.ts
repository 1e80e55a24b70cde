import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import Router from '@koa/router';
import { send } from '@koa/send';
import { stringify } from 'yaml';
import { Problem, problems, type ProblemCode } from '../lib/errors.js';

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Smart Healthcare Management API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: '/openapi.yaml', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

/** Swagger UI paints inline styles and data: pictures; nothing is loaded from elsewhere, and no inline script runs. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The OpenAPI document as it is served, and as it stands in docs/openapi.yaml. */
export const asYaml = (document: unknown): string =>
  // By the older YAML too, where a bare 2026-01-31 is a date and not text.
  stringify(document, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });

/**
 * `/docs` (Swagger UI, served by ourselves), `/openapi.yaml`, `/openapi.json` and a page for each problem code. The
 * document is made when it is first asked for: that takes longer than all the rest of a start, and most processes never do.
 */
export function documentRoutes(makeDocument: () => unknown): Router {
  const router = new Router({ strict: true });
  let document: unknown;
  let yaml: string | undefined;
  router.get(['/docs', '/docs/'], (ctx) => {
    ctx.set('Content-Security-Policy', contentSecurityPolicy);
    ctx.type = 'html';
    ctx.body = page;
  });
  router.get('/docs/start.js', (ctx) => {
    ctx.type = 'js';
    ctx.body = start;
  });
  router.get('/docs/:file', async (ctx) => {
    if (!swaggerFiles.includes(ctx['params'].file as string)) throw new Problem('not_found');
    await send(ctx, ctx['params'].file as string, { root: swaggerFolder, maxAge: 3_600_000 });
  });
  router.get('/openapi.yaml', (ctx) => {
    ctx.type = 'application/yaml';
    ctx.body = yaml ??= asYaml((document ??= makeDocument()));
  });
  router.get('/openapi.json', (ctx) => {
    ctx.body = document ??= makeDocument();
  });
  router.get('/problems/:code', (ctx) => {
    const code = ctx['params'].code as ProblemCode;
    if (!Object.hasOwn(problems, code)) throw new Problem('not_found');
    ctx.body = { code, ...problems[code] };
  });
  return router;
}
