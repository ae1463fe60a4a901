package io.culvert.agent;

import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.jetty.Splice;
import io.culvert.rendezvous.Rendezvous;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins each stream of the relay with a connection of its own to the upstream. Looks at the
 * stream's attributes only to refuse it: they never choose what is connected. Thread-safe.
 */
final class Splicing {
  private static final Logger LOG = LoggerFactory.getLogger(Splicing.class);
  private static final Set<String> PURPOSES = Set.of(Rendezvous.FOR_HTTP, Rendezvous.FOR_BRIDGE);

  private final String name;
  private final int maxStreams;
  private final UpstreamConnector connector;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong opened = new AtomicLong();
  private volatile boolean stopping;

  Splicing(String name, int maxStreams, UpstreamConnector connector) {
    this.name = name;
    this.maxStreams = maxStreams;
    this.connector = connector;
  }

  /** Takes a stream; does not block. */
  void onStream(TunnelStream stream) {
    ErrorCode refusal = refusal(stream);
    if (refusal != null) {
      LOG.warn("Refused a stream for {}: {}", stream.attributes(), refusal);
      stream.reset(refusal);
      return;
    }
    if (open.incrementAndGet() > maxStreams || stopping) {
      finished();
      stream.reset(ErrorCode.REFUSED);
      return;
    }
    opened.incrementAndGet();
    connector.connect(Promise.from(upstream -> join(stream, upstream), why -> fail(stream, why)));
  }

  private ErrorCode refusal(TunnelStream stream) {
    boolean own = name.equals(stream.attributes().get(Rendezvous.NAME));
    String purpose = stream.attributes().get(Rendezvous.PURPOSE);
    return own && purpose != null && PURPOSES.contains(purpose) ? null : ErrorCode.FORBIDDEN;
  }

  private void join(TunnelStream stream, EndPoint upstream) {
    Splice.between(connector.io().endPoint(stream), upstream, connector.io().buffers())
        .beforeFailure(outcome -> explain(stream, outcome))
        .onEnd(outcome -> finished())
        .start();
  }

  private static void explain(TunnelStream stream, Splice.Outcome outcome) {
    if (outcome.failed() == Splice.Side.RIGHT) {
      LOG.debug("the upstream has cut {}", stream, outcome.failure());
      stream.reset(ErrorCode.UPSTREAM_RESET);
    }
  }

  private void fail(TunnelStream stream, Throwable why) {
    ErrorCode code =
        why instanceof UpstreamException known ? known.code() : ErrorCode.UPSTREAM_UNREACHABLE;
    LOG.info("{}: {}", code, why.getMessage());
    stream.reset(code);
    finished();
  }

  private void finished() {
    open.decrementAndGet();
  }

  /** Streams that come from now on are refused: nothing of them is processed. */
  void stop() {
    stopping = true;
  }

  int open() {
    return Math.max(0, open.get());
  }

  long opened() {
    return opened.get();
  }
}
