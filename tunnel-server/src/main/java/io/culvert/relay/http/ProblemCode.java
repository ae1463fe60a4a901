package io.culvert.relay.http;

import io.culvert.connection.Delivered;
import io.culvert.relay.http.Problem.Hop;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Every problem that the relay reports; each has a section in docs/errors.md, named by its id. */
public enum ProblemCode {
  /** The request is not well-formed HTTP, or its parts contradict each other. */
  BAD_REQUEST(400, Hop.RELAY, Delivered.NO, "The request is malformed"),
  /** No credential, or one that is not valid. */
  UNAUTHORIZED(401, Hop.RELAY, Delivered.NO, "Credentials are needed"),
  /** The client may not use the name. */
  FORBIDDEN(403, Hop.RELAY, Delivered.NO, "Access is not allowed"),
  /** Nobody serves the name. */
  UNKNOWN_NAME(404, Hop.RELAY, Delivered.NO, "No service has this name"),
  /** The request line is larger than the limit of the whole head. */
  URI_TOO_LONG(414, Hop.RELAY, Delivered.NO, "The URI is too long"),
  /** {@code Expect} asks for something other than {@code 100-continue}. */
  EXPECTATION_FAILED(417, Hop.RELAY, Delivered.NO, "The expectation is not supported"),
  /** The request's host belongs to none of the relay's domains. */
  MISDIRECTED_REQUEST(421, Hop.RELAY, Delivered.NO, "The request is for another server"),
  /** The client has shown too many wrong credentials lately. */
  TOO_MANY_FAILURES(429, Hop.RELAY, Delivered.NO, "Too many wrong credentials"),
  /** The head of the request is larger than the limit. */
  HEADER_TOO_LARGE(431, Hop.RELAY, Delivered.NO, "The request's header is too large"),
  /** The relay failed by its own fault. */
  RELAY_FAILED(500, Hop.RELAY, Delivered.UNKNOWN, "The relay failed"),
  /** {@code CONNECT}: the relay is no forward proxy. */
  METHOD_NOT_IMPLEMENTED(501, Hop.RELAY, Delivered.NO, "The method is not supported"),
  /** Neither HTTP/1.0, HTTP/1.1 nor, where it is spoken, HTTP/2. */
  VERSION_NOT_SUPPORTED(505, Hop.RELAY, Delivered.NO, "The HTTP version is not supported"),
  /** More passwords are being checked than can be in a reasonable time. */
  ACCESS_BUSY(503, Hop.RELAY, Delivered.NO, "Too many credentials are being checked", 1),
  /** The name has agents, but none is connected now. */
  AGENTS_AWAY(503, Hop.RELAY, Delivered.NO, "The service's agents are away", 5),
  /** The relay takes no new requests. */
  RELAY_STOPPING(503, Hop.RELAY, Delivered.NO, "The relay is stopping", 1),

  /** The agent allows no more streams at once. */
  STREAM_LIMIT(503, Hop.TUNNEL, Delivered.NO, "Too many requests are running", 1),
  /** The agent's connection broke and was not resumed. */
  CONNECTION_LOST(502, Hop.TUNNEL, Delivered.UNKNOWN, "The connection to the agent was lost"),
  /** Another connection of the same agent has taken the place of the one in use. */
  AGENT_REPLACED(502, Hop.TUNNEL, Delivered.UNKNOWN, "The agent was replaced"),
  /** The agent's connection was ended on purpose. */
  CONNECTION_ENDED(502, Hop.TUNNEL, Delivered.UNKNOWN, "The connection to the agent has ended"),
  /** The tunnel's protocol was broken. */
  TUNNEL_FAILED(502, Hop.TUNNEL, Delivered.UNKNOWN, "The tunnel failed"),

  /** The agent is stopping. */
  AGENT_REFUSED(503, Hop.AGENT, Delivered.NO, "The agent takes no requests", 1),
  /** The agent does not serve the name that the stream was opened for, or may not any more. */
  AGENT_FORBIDDEN(502, Hop.AGENT, Delivered.NO, "The agent may not serve this"),
  /** The agent gave the request up. */
  AGENT_CANCELLED(502, Hop.AGENT, Delivered.UNKNOWN, "The agent gave the request up"),

  /** The service refuses connections. */
  UPSTREAM_REFUSED(502, Hop.UPSTREAM, Delivered.NO, "The service refuses connections"),
  /** The service's host does not exist or has no route. */
  UPSTREAM_UNREACHABLE(502, Hop.UPSTREAM, Delivered.NO, "The service cannot be reached"),
  /** Connecting to the service took too long. */
  UPSTREAM_TIMEOUT(504, Hop.UPSTREAM, Delivered.NO, "Connecting to the service took too long"),
  /** The service did not prove its identity to the agent. */
  UPSTREAM_UNTRUSTED(502, Hop.UPSTREAM, Delivered.NO, "The service's certificate is not trusted"),
  /** The service cut the connection before its response was complete. */
  UPSTREAM_RESET(502, Hop.UPSTREAM, Delivered.UNKNOWN, "The service cut the connection"),
  /** What the service answered is not HTTP. */
  UPSTREAM_BAD_RESPONSE(502, Hop.UPSTREAM, Delivered.YES, "The service's answer is not HTTP"),
  /** The service did not answer within the limit that is set. */
  UPSTREAM_SLOW(504, Hop.UPSTREAM, Delivered.UNKNOWN, "The service did not answer in time");

  private final int status;
  private final Problem.Hop hop;
  private final Delivered delivered;
  private final String title;
  private final int retryAfterSeconds;

  ProblemCode(int status, Problem.Hop hop, Delivered delivered, String title) {
    this(status, hop, delivered, title, 0);
  }

  ProblemCode(
      int status, Problem.Hop hop, Delivered delivered, String title, int retryAfterSeconds) {
    this.status = status;
    this.hop = hop;
    this.delivered = delivered;
    this.title = title;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The id of the code in problems and in docs/errors.md, such as {@code upstream-refused}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The code with this id; empty if there is none. */
  public static Optional<ProblemCode> of(String id) {
    for (ProblemCode code : values()) {
      if (code.id().equals(id)) {
        return Optional.of(code);
      }
    }
    return Optional.empty();
  }

  /** The HTTP status of the answer. */
  public int status() {
    return status;
  }

  /** Who failed. */
  public Problem.Hop hop() {
    return hop;
  }

  /** What is known of the delivery by the code alone. */
  public Delivered delivered() {
    return delivered;
  }

  /** One line, without a full stop. */
  public String title() {
    return title;
  }

  /** When asking again makes sense; empty if there is no telling. */
  public Optional<Duration> retryAfter() {
    return retryAfterSeconds == 0
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(retryAfterSeconds));
  }

  /**
   * A problem with this code.
   *
   * @param detail what happened this time; may be empty
   */
  public Problem problem(String detail) {
    return problem(delivered, detail);
  }

  /** A problem with this code, of which it is known whether it was delivered. */
  public Problem problem(Delivered known, String detail) {
    return new Problem(id(), status, hop, known, title, detail);
  }
}
