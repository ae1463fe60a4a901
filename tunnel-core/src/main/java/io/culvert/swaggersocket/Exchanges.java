package io.culvert.swaggersocket;

import io.culvert.connection.StreamConnection.StreamHandler;
import io.culvert.frame.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.Condition;

/**
 * Which side calls, who has the stream, and how many requests are not answered. Guarded by the
 * connection's lock, which is held in every call.
 */
final class Exchanges {
  /** A request waits this long for a handler, from when the listener has seen the connection. */
  static final Duration HANDLER_GRACE = Duration.ofSeconds(5);

  /** What this side does; it does not change any more once it is known. */
  private enum Role {
    UNDECIDED,
    CALLS,
    SERVES
  }

  private final SwaggerDriver driver;
  private final Turns turns;
  private Role role = Role.UNDECIDED;

  /** The one that is open; null if none is. */
  private SwaggerStream stream;

  /** Streams that there have been. */
  private int streams;

  /** Requests that have come in, and those of them that were answered. */
  private long requests;

  private long answers;

  /** Null for nobody. */
  private StreamHandler handler;

  /** Since when a request waits for a handler; null if none does. */
  private Long unservedSince;

  /** When the listener had seen the connection; null until then. */
  private Long shownAt;

  Exchanges(SwaggerDriver driver) {
    this.driver = driver;
    this.turns = new Turns(driver.lock());
  }

  SwaggerStream stream() {
    return stream;
  }

  /** Who waits for the stream to be free. */
  Turns turns() {
    return turns;
  }

  boolean calls() {
    return role == Role.CALLS;
  }

  /** Whether this side serves, or is about to. */
  boolean serves() {
    return handler != null || role == Role.SERVES;
  }

  // The side that calls.

  /**
   * The stream, opened; null if it is not the caller's turn.
   *
   * @param turn null if the caller has not waited
   */
  CallingStream open(Condition turn, int maxMessageBytes) {
    if (stream != null || !turns.first(turn)) {
      return null;
    }
    role = Role.CALLS;
    CallingStream opened = new CallingStream(driver, nextId(), maxMessageBytes);
    stream = opened;
    return opened;
  }

  /** Odd if the dialer opens it, else even, as everywhere. */
  private int nextId() {
    boolean byDialer = calls() == driver.connection().dialer();
    return 2 * ++streams - (byDialer ? 1 : 0);
  }

  /** Somebody will not wait any more. */
  void leave(Condition turn) {
    turns.leave(turn);
    if (stream == null) {
      turns.wakeFirst();
    }
  }

  /** A response was read to its end. */
  void responseEnded() {
    if (driver.input().unread() > 0) {
      driver.endHere(ErrorCode.PROTOCOL_ERROR, "the peer sent more than the response to a request");
    }
    driver.changed().signalAll(); // perhaps idle
  }

  // The side that serves.

  void handler(StreamHandler streamHandler) {
    handler = streamHandler;
    serve();
  }

  /** The listener has seen the connection: from now on it can be expected to set a handler. */
  void shown(long now) {
    shownAt = now;
  }

  /** When a request will have waited too long; {@code Long.MAX_VALUE}: none waits. */
  long deadline() {
    if (unservedSince == null || shownAt == null) {
      return Long.MAX_VALUE;
    }
    long from = shownAt - unservedSince < 0 ? unservedSince : shownAt;
    return from + HANDLER_GRACE.toNanos();
  }

  /** Hands a request that waits to the handler. */
  private void serve() {
    boolean waits =
        role == Role.SERVES
            && stream == null
            && driver.input().unread() > 0
            && driver.end() == null;
    if (waits && handler != null) {
      ServingStream opened =
          new ServingStream(driver, nextId(), driver.settings().maxMessageBytes());
      stream = opened;
      opened.arrived(driver.input().unread());
      StreamHandler taker = handler;
      driver.wakeLater(() -> hand(opened, taker));
    }
    unservedSince = waits && handler == null ? Long.valueOf(driver.now()) : null;
  }

  private static void hand(ServingStream stream, StreamHandler taker) {
    boolean taken = false;
    try {
      taker.onStream(stream);
      taken = true;
    } finally {
      if (!taken) {
        stream.reset(ErrorCode.INTERNAL_ERROR); // nobody else would end it
      }
    }
  }

  /** A request was answered to its end. */
  void answered() {
    answers = Math.min(requests, answers + 1);
    driver.changed().signalAll(); // perhaps idle
  }

  /** Whether something was read of a request that is not answered. */
  boolean answering() {
    return requests - answers > driver.input().untouched();
  }

  // Both.

  /** A message has come that is not empty. */
  void received(ByteBuffer message) {
    int size = message.remaining();
    if (calls()) {
      if (!underWay()) {
        driver.endHere(
            ErrorCode.PROTOCOL_ERROR,
            "the peer sent a message that answers no request: on swaggersocket one side calls and"
                + " the other serves");
        return;
      }
    } else {
      role = Role.SERVES;
      requests++;
    }
    driver.input().add(message);
    if (stream != null) {
      stream.arrived(size);
    } else if (unservedSince == null) {
      serve();
    }
  }

  /** A stream's owner is done with it; a request that waits gets another one. */
  void released(SwaggerStream released) {
    driver.input().dropBegun();
    if (stream == released) {
      stream = null;
      turns.wakeFirst();
      serve();
    }
    driver.changed().signalAll(); // perhaps idle
  }

  /** Whether an exchange is under way, in either direction. */
  boolean underWay() {
    return requests > answers || (stream instanceof CallingStream calling && calling.underWay());
  }

  /** Whether nothing would be lost if the connection ended now. */
  boolean idle() {
    return requests == answers
        && driver.output().empty()
        && !(stream instanceof CallingStream calling && !calling.pooled());
  }

  /** The connection has ended. */
  void ended() {
    if (stream != null) {
      stream.wakeAll();
    }
    turns.wakeAll();
  }
}
