package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.swaggersocket.SwaggerSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** WebSocket pings, and what is made of their silence. */
class SwaggerPingTest extends SwaggerScript {
  private static final SwaggerSettings EVERY_20_MS =
      new SwaggerSettings(
          TimeUnit.MILLISECONDS.toNanos(20),
          TimeUnit.MILLISECONDS.toNanos(20),
          TimeUnit.SECONDS.toNanos(30),
          1000,
          1 << 20,
          "app data".getBytes(StandardCharsets.US_ASCII));

  @Test
  void aPeerThatStopsAnsweringWhileIdleIsDead() throws Exception {
    call(EVERY_20_MS);
    assertEquals("app data", recorder.ponged.poll(30, TimeUnit.SECONDS));
    assertFalse(connection.roundTrip().isZero());
    peer.socket.pause(); // as a peer that is gone: nothing is answered, nothing is refused
    assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, recorder.end().code());
    assertTrue(connection.awaitSocketClosed(Duration.ofSeconds(30)));
  }

  /** As a Go client that issues no request, and so does not read. */
  @Test
  void aPeerThatNeverAnsweredIsPingedForEverAndNotJudged() throws Exception {
    open(true, EVERY_20_MS);
    peer.next();
    peer.socket.pause(); // before our side may ping
    peer.send(SwaggerPeer.GIVEN);
    connection.awaitEstablished();
    MemoryWebSocket far = (MemoryWebSocket) peer.socket;
    Await.until("ten pings wait at the peer", () -> far.undelivered() >= 10);
    assertTrue(connection.accepting());
    Future<String> answer = text(client(), request().build());
    Await.until("the request was sent", () -> !connectionIsIdle());
    peer.socket.resume();
    peer.expect(SwaggerPeer.ACK);
    peer.next();
    peer.send(OK_5 + "12345");
    assertEquals("200 12345", answer.get());
  }
}
