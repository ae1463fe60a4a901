package io.culvert.testkit;

import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.engine.EngineEnd;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a connection told its listener. */
final class SwaggerRecorder implements ConnectionListener {
  final CompletableFuture<String> established = new CompletableFuture<>();
  final BlockingQueue<String> ponged = new LinkedBlockingQueue<>();
  final CompletableFuture<EngineEnd> ended = new CompletableFuture<>();

  EngineEnd end() throws Exception {
    return ended.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void established(Connection connection) {
    established.complete(connection.id());
  }

  @Override
  public void ponged(Connection connection, byte[] data, Duration roundTrip) {
    ponged.add(new String(data, java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  @Override
  public void ended(Connection connection, EngineEnd end) {
    ended.complete(end);
  }
}
