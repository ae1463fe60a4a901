package io.culvert.agent;

import io.culvert.frame.ErrorCode;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;

/** Why an upstream could not be connected, in the words of docs/relay.md. */
final class ConnectFailures {
  private final Upstream upstream;

  ConnectFailures(Upstream upstream) {
    this.upstream = upstream;
  }

  /** What a failed connect, before any TLS, means. */
  UpstreamException connecting(Throwable failure) {
    if (failure instanceof UpstreamException known) {
      return known;
    }
    String said = text(failure);
    if (failure instanceof SocketTimeoutException || said.contains("timed out")) {
      return timeout();
    }
    if (failure instanceof ConnectException && said.contains("refused")) {
      return new UpstreamException(
          ErrorCode.UPSTREAM_REFUSED, upstream + " refuses connections: does it run?", failure);
    }
    String why =
        failure instanceof UnknownHostException
            ? "the host is not known"
            : said.isEmpty() ? failure.getClass().getSimpleName() : said;
    return new UpstreamException(
        ErrorCode.UPSTREAM_UNREACHABLE, upstream + " cannot be reached: " + why, failure);
  }

  /** What a failed TLS handshake means. */
  UpstreamException untrusted(Throwable failure) {
    return new UpstreamException(
        ErrorCode.UPSTREAM_UNTRUSTED,
        "TLS with " + upstream + " failed: " + failure.getMessage(),
        failure);
  }

  UpstreamException timeout() {
    return new UpstreamException(
        ErrorCode.UPSTREAM_TIMEOUT,
        upstream + " could not be connected within " + upstream.connectTimeout().toMillis() + " ms",
        null);
  }

  UpstreamException stopping() {
    return new UpstreamException(ErrorCode.REFUSED, "the agent is stopping", null);
  }

  /** Jetty wraps some failures in one of the same type; the cause is what the system said. */
  private static String text(Throwable failure) {
    Throwable said = failure.getCause() == null ? failure : failure.getCause();
    return said.getMessage() == null ? "" : said.getMessage().toLowerCase(Locale.ROOT);
  }

  /** Of two addresses' failures the one that tells more: a refusal shows that the host is there. */
  static UpstreamException worse(UpstreamException before, UpstreamException after) {
    return before != null && before.code() == ErrorCode.UPSTREAM_REFUSED ? before : after;
  }
}
