package io.culvert.chaos;

import io.culvert.ConnectionBuilder;
import io.culvert.ConnectionEvent;
import io.culvert.client.ReconnectPolicy;
import io.culvert.client.TunnelClient;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all ends are set to, so that a run sees many breaks. */
final class Settings {
  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

  /** Short, so that a black hole is found within a second. */
  static final Duration HEARTBEAT = Duration.ofMillis(500);

  /** Bounds a dial or a handshake into a black hole. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  /** The first delay is the default's; the later ones are short, because many dials are cut. */
  private static final ReconnectPolicy RECONNECT =
      new ReconnectPolicy(
          ReconnectPolicy.DEFAULT.first(),
          Duration.ofMillis(250),
          Duration.ofSeconds(1),
          Duration.ZERO);

  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private Settings() {}

  static <B extends ConnectionBuilder<B>> B of(B builder) {
    return builder.heartbeat(HEARTBEAT, HEARTBEAT).handshakeTimeout(HANDSHAKE);
  }

  static TunnelClient.Builder ofDialer(TunnelClient.Builder builder) {
    return of(builder).reconnect(RECONNECT).dialTimeout(HANDSHAKE);
  }

  static void tell(Side.Listener listener, ConnectionEvent event) {
    LOG.debug("{}", event);
    switch (event.type()) {
      case RECEIVED -> {}
      case DETACHED -> listener.detached();
      case RESUMED -> listener.resumed();
      case CLOSED, FAILED -> listener.ended(event.reason());
    }
  }
}
