// What the package exports, with the types that its users write down.
export * from "./dist/events-poller.js";
export type { Page, Pagination, Query, Session } from "./dist/transport.js";
