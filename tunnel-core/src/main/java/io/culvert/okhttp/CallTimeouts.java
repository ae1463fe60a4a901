package io.culvert.okhttp;

import io.culvert.connection.ResumableStream;
import io.culvert.connection.StreamConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor.Chain;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.internal.connection.RealCall;

/**
 * The read and write timeouts of one call, kept by its stream instead of by OkHttp: OkHttp's clocks
 * cannot stand still while the connection is without a WebSocket, and close the socket.
 */
record CallTimeouts(Duration read, Duration write) {

  /**
   * Those of the call; null if OkHttp has to keep them itself: because the connection ends with its
   * WebSocket anyway, or because the call may not be HTTP/1.1 in clear text, or not stay HTTP.
   * HTTP/2 bounds each of the calls that share a socket, and of TLS the stream cannot tell whose
   * bytes they are. A WebSocket reads without a bound between its messages, and here inside them as
   * well.
   */
  static CallTimeouts of(Chain chain, StreamConnection connection, boolean endToEndTls) {
    if (!connection.resumable()
        || connection.oneExchangeAtATime()
        || endToEndTls
        || mayMultiplex(chain)
        || leavesHttp(chain.request())) {
      return null;
    }
    return new CallTimeouts(
        Duration.ofMillis(chain.readTimeoutMillis()),
        Duration.ofMillis(chain.writeTimeoutMillis()));
  }

  /** No public method tells a client's protocols. */
  private static boolean mayMultiplex(Chain chain) {
    return !(chain.call() instanceof RealCall call)
        || call.getClient().protocols().contains(Protocol.H2_PRIOR_KNOWLEDGE);
  }

  private static boolean leavesHttp(Request request) {
    String upgrade = request.header("Upgrade");
    return upgrade != null && !upgrade.equalsIgnoreCase("websocket");
  }

  /** The chain without them. */
  static Chain without(Chain chain) {
    return chain
        .withReadTimeout(0, TimeUnit.MILLISECONDS)
        .withWriteTimeout(0, TimeUnit.MILLISECONDS);
  }

  void keptBy(ResumableStream stream) {
    stream.attachedReadTimeout(read);
    stream.attachedWriteTimeout(write);
  }
}
