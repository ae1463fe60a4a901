package io.culvert.testkit.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import io.culvert.testkit.RawUpgrade;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripted peer against itself: upgrade, handshake, messages, control frames, ends. */
class SwaggerPeerTest extends PeerPair {
  // Upgrade and handshake.

  @Test
  void theUpgradeOffersAndTakesNothing() {
    String key = "c3dhZ2dlcnNvY2tldCEhIQ==";
    assertEquals(
        lines(
            "GET / HTTP/1.1",
            "Host: 127.0.0.1:" + listener.address().getPort(),
            "User-Agent: Go-http-client/1.1",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: " + key,
            "Sec-WebSocket-Version: 13",
            "Upgrade: websocket",
            "",
            ""),
        acceptor.upgrade());
    assertEquals(
        lines(
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: " + RawUpgrade.acceptKey(key),
            "",
            ""),
        dialer.upgrade());
  }

  @Test
  void anOriginOfTheSameHostIsTaken() throws Exception {
    CompletableFuture<SwaggerPeer> accepting = async(listener::accept);
    SwaggerPeer.dial(listener.uri(), "Origin: http://127.0.0.1:" + listener.address().getPort())
        .close();
    accepting.get().close();
  }

  @Test
  void anOriginOfAnotherHostIsRefused() {
    CompletableFuture<SwaggerPeer> accepting = async(listener::accept);
    IOException refused =
        assertThrows(
            IOException.class, () -> SwaggerPeer.dial(listener.uri(), "Origin: http://evil.test"));
    assertTrue(refused.getMessage().contains("403"), refused.getMessage());
    assertThrows(Exception.class, accepting::get);
  }

  @Test
  void anAcceptorThatPicksASubprotocolIsNotTaken() throws Exception {
    CompletableFuture<Void> answering =
        async(
            () -> {
              try (Socket socket = listener.acceptRaw()) {
                RawUpgrade.accept(socket, "Sec-WebSocket-Protocol: culvert.v1");
              }
              return null;
            });
    assertThrows(IOException.class, () -> SwaggerPeer.dial(listener.uri()));
    answering.get();
  }

  @Test
  void theHandshakeIsExact() throws Exception {
    String id = UUID.randomUUID().toString();
    CompletableFuture<String> dialing = async(() -> dialer.handshake("{\"device\":7}"));
    assertEquals(
        "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":{\"device\":7}}\n",
        acceptor.acceptHandshake(id));
    assertEquals(id, dialing.get());
  }

  @Test
  void eachMessageOfTheHandshakeIsExact() throws Exception {
    dialer.send(SwaggerPeer.METADATA);
    CompletableFuture<String> accepting = async(() -> acceptor.acceptHandshake("some-id"));
    assertEquals(
        "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"some-id\"}\n",
        dialer.read().content());
    dialer.send("{\"Type\":\"ClientHandshakeAckFrame\"}\n");
    assertEquals("{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":null}\n", accepting.get());
  }

  @Test
  void theDecoderIgnoresTheCaseOfKeysAndFurtherFields() throws Exception {
    CompletableFuture<String> dialing = async(() -> dialer.handshake("null"));
    acceptor.read();
    acceptor.send(
        "{ \"more\": [1], \"connectionid\" : \"x\", \"TYPE\": \"ServerHandshakeConnectionID\"}");
    assertEquals("x", dialing.get());
    assertEquals(SwaggerPeer.ACK, acceptor.read().content());
  }

  @Test
  void aMalformedHandshakeIsAnErrorOnTheSideThatReadsIt() throws Exception {
    dialer.send("{\"Type\":\"ClientHandshakeAckFrame\"}\n");
    IOException atAcceptor = assertThrows(IOException.class, () -> acceptor.acceptHandshake("x"));
    assertTrue(atAcceptor.getMessage().contains("during getting metadata"));
    acceptor.send("not json");
    IOException atDialer = assertThrows(IOException.class, () -> dialer.handshake("null"));
    assertTrue(atDialer.getMessage().contains("handshake error"));
    assertFalse(dialer.ended());
  }

  @Test
  void aHandshakeWithoutTheRightAckIsAnError() throws Exception {
    dialer.send(SwaggerPeer.METADATA);
    dialer.send("{\"Type\":\"ClientHandshakeAck\"}\n");
    IOException wrong = assertThrows(IOException.class, () -> acceptor.acceptHandshake("x"));
    assertTrue(wrong.getMessage().contains("during ack"), wrong.getMessage());
  }

  // Messages.

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 1023, 1024, 1025, 4096, 4097, 65_536, 200_000})
  void messagesAreSplitLikeGorillaDoes(int length) throws Exception {
    StringBuilder any = new StringBuilder();
    for (int i = 0; i < length; i++) {
      any.append((char) ((i * 31 + i / 256) & 0xff)); // no UTF-8
    }
    String content = any.toString();
    CompletableFuture<Void> sending =
        async(
            () -> {
              dialer.send(content);
              acceptor.send(content);
              return null;
            });
    assertEquals(
        new SwaggerMessage(true, content, Math.max(1, (length + 4095) / 4096)), acceptor.read());
    assertEquals(
        new SwaggerMessage(true, content, Math.max(1, (length + 1023) / 1024)), dialer.read());
    sending.get();
  }

  @Test
  void binaryMessagesAreTakenToo() throws Exception {
    dialer.sendFrame(Frames.FIN | Frames.BINARY, "ab");
    assertEquals(new SwaggerMessage(false, "ab", 1), acceptor.read());
  }

  @Test
  void framesAreThoseOfTheRfc() throws Exception {
    // The examples of RFC 6455 section 5.7: a masked and an unmasked "Hello".
    dialer.sendRaw("\u0081\u00857\u00fa!=\u007f\u009fMQX");
    assertEquals("Hello", acceptor.read().content());
    acceptor.sendRaw("\u0081\u0005Hello");
    assertEquals("Hello", dialer.read().content());
  }

  @Test
  void controlFramesMayComeInsideAMessage() throws Exception {
    dialer.sendFrame(Frames.TEXT, "a");
    dialer.ping("in between");
    dialer.sendFrame(Frames.FIN, "b");
    assertEquals(new SwaggerMessage(true, "ab", 2), acceptor.read());
    assertEquals("in between", acceptor.awaitPing());
    assertEquals("in between", dialer.awaitPong());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00c1\u0080", "\u0080\u0080", "\u0009\u0080", "\u0081\u0001x"})
  void aFrameThatBreaksTheRfcIsAnError(String bytes) throws Exception {
    // A reserved bit; a continuation of nothing; a ping in parts; unmasked.
    dialer.sendRaw(bytes + "\0\0\0\0");
    assertThrows(Frames.ProtocolError.class, acceptor::read);
  }

  @Test
  void aMaskedFrameFromTheAcceptorIsAnError() throws Exception {
    acceptor.sendRaw("\u0081\u0080\0\0\0\0");
    assertThrows(Frames.ProtocolError.class, dialer::read);
  }

  // Control frames and ends.

  @Test
  void pingsAreAnsweredOnlyWhileItReads() throws Exception {
    dialer.ping("1");
    Await.until("the ping is there and nobody has read it", acceptor::hasUnread);
    acceptor.send("not a pong");
    assertEquals("not a pong", dialer.read().content());
    assertEquals(0, dialer.waitingPongs());
    assertEquals("1", acceptor.awaitPing());
    assertEquals("1", dialer.awaitPong());
  }

  @Test
  void pingsCanStayUnanswered() throws Exception {
    acceptor.answerPings(false);
    dialer.ping("1");
    assertEquals("1", acceptor.awaitPing());
    acceptor.answerPings(true);
    dialer.ping("2");
    assertEquals("2", acceptor.awaitPing());
    assertEquals("2", dialer.awaitPong());
  }

  @Test
  void closeIsAnEmptyFrameAndTheEnd() throws Exception {
    dialer.close();
    assertTrue(dialer.ended());
    assertEquals(1005, acceptor.closeCode());
  }

  @Test
  void aCloseFrameIsNotAnswered() throws Exception {
    dialer.sendFrame(Frames.FIN | Frames.CLOSE, "\u0003\u00e8bye");
    assertEquals(1000, acceptor.closeCode());
    assertEquals(1006, dialer.closeCode());
    assertThrows(EOFException.class, acceptor::read);
  }

  @Test
  void aCutHasNoCloseFrame() throws Exception {
    dialer.cut();
    assertEquals(1006, acceptor.closeCode());
  }

  @Test
  void aResetHasNoCloseFrame() throws Exception {
    acceptor.reset();
    assertEquals(1006, dialer.closeCode());
  }

  @Test
  void aMessageInPlaceOfTheEndIsAFailure() throws Exception {
    dialer.send("x");
    dialer.close();
    assertThrows(AssertionError.class, acceptor::closeCode);
  }

  @Test
  void whoStopsReadingTakesNothingInUntilItReadsOn() throws Exception {
    acceptor.serve((request, response) -> response.write("served"));
    dialer.roundTrip(GoRequest.get("/").message());
    acceptor.stopReading();
    dialer.ping("x");
    CompletableFuture<String> pong = async(dialer::awaitPong);
    // More than socket buffers hold: it stays in the sender.
    CompletableFuture<Void> sending =
        async(
            () -> {
              for (int i = 0; i < 16; i++) {
                dialer.sendFrame(Frames.FIN | Frames.PONG, "");
                dialer.sendFrame(i == 0 ? Frames.TEXT : 0, "x".repeat(1 << 20));
              }
              return null;
            });
    assertThrows(TimeoutException.class, () -> sending.get(100, TimeUnit.MILLISECONDS));
    assertFalse(pong.isDone());
    acceptor.readOn();
    sending.get();
    assertEquals("x", pong.get());
  }
}
