// #region serving
import Router from '@koa/router';
import { expressBranch } from '@tandem/client/express';
import { fastifyBranches } from '@tandem/client/fastify';
import { koaBranch } from '@tandem/client/koa';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { check, debit } from './branches.js'; // branchHandler(...), backCheckHandler(db)

// Express 4 and 5
export const expressApp = express();
expressApp.all('/debit', expressBranch(debit));
expressApp.all('/check', expressBranch(check));

// Fastify 5
export const fastifyApp = fastify();
fastifyApp.register(fastifyBranches({ '/debit': debit, '/check': check }));

// Koa 2 and 3
const router = new Router();
router.all('/debit', koaBranch(debit));
router.all('/check', koaBranch(check));
export const koaApp = new Koa().use(router.routes());

// Hono; anything else that has Request and Response alike
export const honoApp = new Hono();
honoApp.all('/debit', (c) => debit(c.req.raw));
honoApp.all('/check', (c) => check(c.req.raw));
// #endregion
