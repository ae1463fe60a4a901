package io.culvert.cli;

import io.culvert.bridge.Bridge;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bridge from its start to a signal. */
final class LiveBridge {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBridge.class);

  private LiveBridge() {}

  static int run(DialSettings settings, InetSocketAddress listen, Lifetime lifetime) {
    try (Bridge bridge = start(settings, listen)) {
      LOG.info(
          "{} of {} is at {}:{}",
          settings.name(),
          settings.relay(),
          bridge.address().getAddress().getHostAddress(),
          bridge.address().getPort());
      Dialing.endWith(lifetime, bridge::awaitEnd);
      return lifetime.await();
    }
  }

  private static Bridge start(DialSettings settings, InetSocketAddress listen) {
    try {
      Bridge.Builder builder =
          Bridge.builder(settings.relay().toString(), settings.name()).listen(listen);
      Dialing.apply(settings, builder);
      return builder.start();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    } catch (IOException e) {
      throw CliException.unreachable(e.getMessage(), e);
    }
  }
}
