// node:http, without what an `import` of it costs at each start.

/** An `import` reads every name that it has, and one of them, WebSocket, loads all of undici: some 50 ms of processor time. */
export const http = process.getBuiltinModule('node:http');
