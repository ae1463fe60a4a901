package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.swaggersocket.SwaggerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How swaggersocket connections begin, to the byte. */
class SwaggerHandshakeScriptTest extends SwaggerScript {

  @Test
  void theDialersTranscript() throws Exception {
    metadata = Map.of("pod", "a<b", "Name", "c");
    open(true, SETTINGS);
    peer.expect(
        "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":{\"Name\":\"c\",\"pod\":\"a\\u003cb\"}}\n");
    assertEquals("", connection.id());
    assertFalse(connection.accepting());
    peer.send(SwaggerPeer.GIVEN);
    peer.expect(SwaggerPeer.ACK);
    connection.awaitEstablished();
    assertEquals(SwaggerPeer.ID, connection.id());
    assertEquals(SwaggerPeer.ID, recorder.established.get(30, TimeUnit.SECONDS));
    assertEquals(metadata, connection.metadata());
  }

  @Test
  void theAcceptorsTranscript() throws Exception {
    open(false, SETTINGS);
    peer.sendBinary(SwaggerPeer.HELLO.replace("null", "{\"pod\":\"a\"}"));
    String given = peer.next();
    String id = given.replaceAll(".*\"ConnectionID\":\"(.*)\"}\n", "$1");
    assertEquals(SwaggerPeer.GIVEN.replace(SwaggerPeer.ID, id), given);
    String v4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    assertTrue(id.matches(v4), id);
    assertEquals("", connection.id(), "no connection exists before the third message");
    assertFalse(recorder.established.isDone());
    peer.sendBinary(SwaggerPeer.ACK);
    connection.awaitEstablished();
    assertEquals(id, recorder.established.get(30, TimeUnit.SECONDS));
    assertEquals(Map.of("pod", "a"), connection.metadata());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "{}",
        "[1]",
        "{\"Type\":\"ServerHandshakeConnectionID\"}",
        "{\"Type\":\"ClientHandshakeAckFrame\"}",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
      })
  void aDialerThatBeginsOtherwiseIsRefused(String first) throws Exception {
    open(false, SETTINGS);
    peer.send(first);
    assertRefused("1002 ", "ClientHandshakeMetaData but got");
  }

  @Test
  void aDialerThatDoesNotAcknowledgeIsRefused() throws Exception {
    open(false, SETTINGS);
    peer.send(SwaggerPeer.HELLO);
    peer.next();
    peer.send(GET);
    assertRefused("1002 ", "ClientHandshakeAckFrame but got");
  }

  @Test
  void metadataBeyondTheLimitIsRefused() throws Exception {
    open(false, SETTINGS);
    peer.send(SwaggerPeer.HELLO.replace("null", "\"" + "x".repeat(17 << 10) + "\""));
    assertRefused("1008 ", "of at most");
    assertEquals(ErrorCode.METADATA_TOO_LARGE, recorder.end().code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"no", "{\"Type\":\"ClientHandshakeAckFrame\"}", "HTTP/1.1 200 OK\r\n\r\n"})
  void anAcceptorThatAnswersOtherwiseIsRefused(String answer) throws Exception {
    open(true, SETTINGS);
    peer.next();
    peer.send(answer);
    assertRefused("1002 ", "ServerHandshakeConnectionID but got");
  }

  private void assertRefused(String code, String reason) throws Exception {
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith(code) && closed.contains("swaggersocket handshake"), closed);
    TunnelException e = assertThrows(TunnelException.class, connection::awaitEstablished);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals(Delivered.NO, e.delivered());
    assertFalse(recorder.end().orderly());
    assertFalse(recorder.established.isDone());
    assertTrue(connection.awaitSocketClosed(Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPeerThatSaysNothingIsGivenUp(boolean dialer) throws Exception {
    SwaggerSettings hasty =
        new SwaggerSettings(0, 0, TimeUnit.MILLISECONDS.toNanos(50), 100, 100, new byte[0]);
    open(dialer, hasty);
    TunnelException e = assertThrows(TunnelException.class, connection::awaitEstablished);
    assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, e.code());
    assertTrue(peer.closed.get(30, TimeUnit.SECONDS).startsWith("1008 "));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSocketThatEndsInTheHandshakeEndsTheConnection(boolean dialer) throws Exception {
    open(dialer, SETTINGS);
    peer.socket.close(1000, "changed my mind");
    TunnelException e = assertThrows(TunnelException.class, connection::awaitEstablished);
    assertEquals(ErrorCode.CONNECTION_LOST, e.code());
    assertTrue(e.getMessage().contains("1000: changed my mind"), e.getMessage());
  }
}
