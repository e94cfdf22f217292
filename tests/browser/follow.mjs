// Follows a session with the page's own poller and prints what it tells, a line of JSON each; follower.py drives it.
// Arguments: the poller's options as JSON. Input: a command a line.
import { createInterface } from "node:readline";

import { EventsPoller } from "../../proxy/static/poller/events-poller.js";

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const poller = new EventsPoller({
  ...JSON.parse(process.argv[2]),
  onEvents: (events, from) => say({ from, events: events.map((event) => ({ ...event })) }),
  onChanged: (events) => say({ changed: events.map((event) => ({ ...event })) }),
  onState: (state) =>
    say({ ...state, error: state.error?.kind, message: state.error?.message, ended: poller.session?.ended }),
});

const commands = {
  start: () => poller.start(),
  pause: () => poller.pause(),
  older: () => poller.loadOlder(),
  all: () => say({ all: poller.events.map((event) => event.id), joined: poller.joined, remaining: poller.remaining }),
  json: () => say({ json: JSON.parse(JSON.stringify(poller.events)) }),
  key: (value) => {
    poller.apiKey = value;
    poller.start();
  },
};

poller.start();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, argument] = line.split(" ");
  await commands[name](argument);
}
process.exit();
