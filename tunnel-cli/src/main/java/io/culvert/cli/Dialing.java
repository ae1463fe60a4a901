package io.culvert.cli;

import io.culvert.agent.ProxySettings;
import io.culvert.agent.RelayDialBuilder;
import io.culvert.agent.RelayRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** What agents and bridges have in common: how they reach a relay, and how that ends. */
final class Dialing {
  /** How long a relay that was asked for a sign of life has for it. */
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(10);

  private static final String NONE = "none";

  private Dialing() {}

  /**
   * Sets all that is said about the way to the relay.
   *
   * @throws IOException if the authorities cannot be read
   */
  static void apply(DialSettings settings, RelayDialBuilder<?> dials) throws IOException {
    dials
        .connection(
            client ->
                client
                    .dialTimeout(settings.dialTimeout())
                    .resumeTimeout(settings.resumeTimeout())
                    .heartbeat(settings.heartbeat(), HEARTBEAT_TIMEOUT))
        .onEvent(new ConnectionLog(settings.relay()));
    settings.token().ifPresent(token -> dials.token(() -> token));
    proxy(settings).ifPresent(dials::proxy);
    if (settings.ca().isPresent()) {
      dials.trust(settings.ca().get());
    }
  }

  /** The proxy that is set, else the one of the environment. */
  private static Optional<ProxySettings> proxy(DialSettings settings) {
    if (settings.proxy().isPresent()) {
      String url = settings.proxy().get();
      return url.equals(NONE) ? Optional.empty() : Optional.of(ProxySettings.parse(url));
    }
    return ProxySettings.fromEnvironment(System.getenv(), settings.relay().toString());
  }

  /** Waits for the end of what dials, and makes it the end of the command. */
  static void endWith(Lifetime lifetime, Ending ending) {
    Thread thread =
        new Thread(
            () -> {
              try {
                ending.await();
                lifetime.end(ExitCodes.OK);
              } catch (RelayRefusedException e) {
                lifetime.fail(
                    e.reason() == RelayRefusedException.Reason.UNREACHABLE
                        ? CliException.unreachable(e.getMessage(), e)
                        : CliException.refused(e.getMessage(), e));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "culvert-await-end");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something that ends by itself. */
  @FunctionalInterface
  interface Ending {
    void await() throws RelayRefusedException, InterruptedException;
  }
}
