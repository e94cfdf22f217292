// The types of session-events.d.ts at work: one poll, with every name and every status checked by the compiler.
import type { components, operations } from "./session-events";

type Query = NonNullable<operations["listSessionEvents"]["parameters"]["query"]>;
type EventsPage = components["schemas"]["EventsPage"];
type Problem = components["schemas"]["Problem"] | components["schemas"]["ParameterProblem"];

/** The newest events, or what came after `query.cursor`; throws the problem where there is one. */
export async function poll(server: string, sessionId: string, query: Query = {}): Promise<EventsPage> {
  const parameters = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const response = await fetch(`${server}/api/v2/sessions/${sessionId}/events?${new URLSearchParams(parameters)}`);
  if (!response.ok) throw (await response.json()) as Problem;
  return (await response.json()) as EventsPage;
}

export async function printErrors(server: string, sessionId: string): Promise<void> {
  const { items, pagination } = await poll(server, sessionId, { event_type: "error", limit: 10 });
  for (const { timestamp, message } of items) console.log(timestamp, message ?? "(no message)");
  console.log(`${pagination.returned} of ${pagination.total}`);
}
