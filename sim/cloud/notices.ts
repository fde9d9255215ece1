/** What Mosquitto and EMQX publish about their clients: who has subscribed to what, and who has gone. */

export interface Notice {
  clientId: string;
  /** What it has subscribed to; absent when it has gone. */
  filter?: string;
}

/**
 * Mosquitto with `log_dest topic`, and EMQX 5 with its system event messages. (EMQX's `$events/…` are names for its rule
 * engine: no client can subscribe to them.)
 */
export const NOTICE_TOPICS = [
  "$SYS/broker/log/#",
  "$SYS/brokers/+/clients/+/subscribed",
  "$SYS/brokers/+/clients/+/disconnected",
];

/** "<time>: <client> <qos> <filter>"; the time may have any format, or none. */
const LOGGED_SUBSCRIPTION = /(?:^|\s)(\S+) [0-2] (\S+)$/;
/** Newer versions name the address behind the client. */
const LOGGED_END =
  /(?:^|\s)Client (\S+)(?: \[[^\]]*\])? (?:been )?(?:disconnected|closed its connection|has exceeded timeout|already connected)/;
const LOGGED_FAILURE = /(?:^|\s)Bad socket read\/write on client (\S+):/;

/** One line of Mosquitto's log. */
function logged(topic: string, line: string): Notice | undefined {
  if (topic.endsWith("/subscribe")) {
    const [, clientId, filter] = LOGGED_SUBSCRIPTION.exec(line) ?? [];
    return clientId ? { clientId, filter } : undefined;
  }
  const [, clientId] = LOGGED_END.exec(line) ?? LOGGED_FAILURE.exec(line) ?? [];
  return clientId ? { clientId } : undefined;
}

/** One event of EMQX, a JSON object. */
function event(topic: string, text: string): Notice | undefined {
  try {
    const { clientid: clientId, topic: filter } = JSON.parse(text) as Record<string, unknown>;
    if (typeof clientId !== "string") return undefined;
    if (topic.endsWith("/disconnected")) return { clientId };
    return typeof filter === "string" ? { clientId, filter } : undefined;
  } catch {
    return undefined;
  }
}

/** @returns undefined for a message that says neither */
export function noticeOf(topic: string, text: string): Notice | undefined {
  return topic.startsWith("$SYS/broker/log/") ? logged(topic, text) : event(topic, text);
}
