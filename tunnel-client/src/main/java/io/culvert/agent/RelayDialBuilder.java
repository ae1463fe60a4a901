package io.culvert.agent;

import io.culvert.ConnectionEvent;
import io.culvert.client.TunnelClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What agents and bridges let their users set about the way to the relay. Not thread-safe.
 *
 * @param <B> the builder itself
 */
public abstract class RelayDialBuilder<B extends RelayDialBuilder<B>> {
  /** Dials the relay; its {@code onEvent} and {@code onGivenUp} are set when it is built. */
  protected final TunnelClient.Builder client;

  /** See {@link #onEvent}. */
  protected Consumer<? super ConnectionEvent> onEvent = event -> {};

  /**
   * @param client for the relay, with the name that is served or wanted
   */
  protected RelayDialBuilder(TunnelClient.Builder client) {
    this.client = client;
  }

  /** The builder, as its own type. */
  protected abstract B self();

  /** Where the token comes from, read anew at each dial. Default: none is sent. */
  public B token(Supplier<String> tokens) {
    client.bearerTokens(tokens);
    return self();
  }

  /**
   * For {@code wss}, trusts only the certificate authorities in this PEM file.
   *
   * @throws IOException if it cannot be read or holds no certificate
   */
  public B trust(Path authorities) throws IOException {
    client.trust(authorities);
    return self();
  }

  /** Dials the relay through a proxy. Default: none. */
  public B proxy(ProxySettings proxy) {
    proxy.applyTo(client);
    return self();
  }

  /**
   * Everything else about the connection: WebSocket library, heartbeat, reconnect policy. What it
   * sets with {@code onEvent} or {@code onGivenUp} is replaced.
   */
  public B connection(Consumer<? super TunnelClient.Builder> settings) {
    settings.accept(client);
    return self();
  }

  /** Hears what happens to the connection; see {@link TunnelClient.Builder#onEvent}. */
  public B onEvent(Consumer<? super ConnectionEvent> consumer) {
    onEvent = Objects.requireNonNull(consumer, "consumer");
    return self();
  }
}
