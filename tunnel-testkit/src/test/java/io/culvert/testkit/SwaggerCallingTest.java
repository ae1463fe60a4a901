package io.culvert.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.swaggersocket.SwaggerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our side calls a peer that plays a Go server. */
class SwaggerCallingTest extends SwaggerScript {

  @Test
  void aRequestIsOneMessage() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<String> answer = text(client, request().build());
    peer.expect(
        crlf(
            """
            GET /simple/ HTTP/1.1
            X-Correlation-Id: 6c1
            Host: api.test
            Connection: Keep-Alive
            Accept-Encoding: gzip
            User-Agent: okhttp/5.5.1

            """));
    peer.send(OK_5 + "12345");
    assertEquals("200 12345", answer.get());
    byte[] body = new byte[100_000];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    answer = text(client, request().post(RequestBody.create(body)).build());
    String post = peer.next();
    assertTrue(post.startsWith("POST /simple/ HTTP/1.1\r\n"), "a request is one message");
    assertTrue(post.endsWith("\r\n\r\n" + new String(body, ISO_8859_1)));
    peer.sendBinary(OK_5 + "54321");
    assertEquals("200 54321", answer.get());
    assertEquals(0, peer.waiting());
  }

  @Test
  void theReferencesChunkedResponseIsReadChunkByChunk() throws Exception {
    OkHttpClient client = call(SETTINGS);
    for (int round = 0; round < 2; round++) {
      Future<Response> call = threads.submit(() -> client.newCall(request().build()).execute());
      peer.next();
      String head =
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Correlation-Id: 6c1\r\n\r\n";
      peer.send(head + chunk(1));
      try (Response response = call.get()) {
        InputStream body = response.body().byteStream();
        byte[] buffer = new byte[1000];
        for (int i = 1; i <= 10; i++) {
          int count = body.read(buffer);
          assertEquals("Chunk #" + i + "\n", new String(buffer, 0, count, ISO_8859_1));
          if (i < 10) {
            peer.send("");
            peer.send("");
            peer.send(chunk(i + 1));
          }
        }
        peer.send("0\r\n\r\n");
        assertEquals(-1, body.read(buffer));
      }
    }
  }

  private static String chunk(int number) {
    String data = "Chunk #" + number + "\n";
    return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
  }

  @Test
  void aReadEndsWhereAMessageEnds() throws Exception {
    call(SETTINGS);
    TunnelStream stream = connection.open(Map.of(), Duration.ZERO);
    stream.outputStream().write("request".getBytes(ISO_8859_1));
    assertEquals(7, stream.unsentBytes());
    assertEquals(Delivered.NO, stream.delivered());
    Future<Integer> first = threads.submit(() -> stream.inputStream().read());
    peer.expect("request");
    peer.send("abc");
    assertEquals('a', first.get());
    peer.send("de");
    Await.until("all is here", () -> stream.bytesReceived() == 5);
    byte[] buffer = new byte[10];
    assertEquals(2, stream.inputStream().read(buffer));
    assertEquals(2, stream.inputStream().read(buffer));
    assertEquals(0, stream.unsentBytes());
    assertEquals(Delivered.YES, stream.delivered());
  }

  /** However the peer cuts a response into messages, it is the same response. */
  @Test
  void aResponseMayBeCutAnywhere() throws Exception {
    OkHttpClient client = call(SETTINGS);
    String response =
        crlf(
            """
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked
            Trailer: X-Sum

            5
            hello
            0
            X-Sum: 1

            """);
    for (int cut = 1; cut < response.length(); cut++) {
      Future<String> answer = text(client, request().build());
      peer.next();
      peer.send(response.substring(0, cut));
      peer.send("");
      peer.send(response.substring(cut));
      assertEquals("200 hello", answer.get());
    }
    assertEquals(0, peer.waiting());
  }

  @Test
  void headHasNoBodyWhateverItsLength() throws Exception {
    OkHttpClient client = call(SETTINGS);
    for (int i = 0; i < 3; i++) {
      Future<String> answer = text(client, request().head().build());
      peer.next();
      peer.send(OK_5);
      assertEquals("200 ", answer.get());
    }
  }

  @Test
  void connectionCloseEndsTheStreamAlone() throws Exception {
    OkHttpClient client = call(SETTINGS);
    for (int i = 0; i < 3; i++) {
      Future<String> answer = text(client, request().build());
      peer.next();
      peer.send(OK_5.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") + "12345");
      assertEquals("200 12345", answer.get());
    }
    Await.until("the stream is closed", () -> connection.activeStreams() == 0);
    assertFalse(peer.closed.isDone());
  }

  @Test
  void aMessageThatAnswersNothingEndsTheConnection() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<String> answer = text(client, request().build());
    peer.next();
    peer.send(OK_5 + "12345");
    answer.get();
    peer.send(GET);
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith("1002 the peer sent a message that answers no request"), closed);
    assertEquals(ErrorCode.PROTOCOL_ERROR, recorder.end().code());
  }

  @Test
  void aPeerThatGoesInTheMiddleOfAResponseFailsTheCall() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<Response> call = threads.submit(() -> client.newCall(request().build()).execute());
    peer.next();
    peer.send(OK_5 + "12");
    try (Response response = call.get()) {
      peer.socket.close(1000, "");
      TunnelException e = assertThrows(TunnelException.class, () -> response.body().bytes());
      assertEquals(Delivered.YES, e.delivered());
      assertEquals(ErrorCode.CONNECTION_LOST, e.code());
    }
    assertFalse(recorder.end().orderly());
  }

  @Test
  void whetherAnUnansweredCallWasDeliveredIsUnknown() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<String> first = text(client, request().build());
    peer.next();
    peer.send(OK_5 + "12345");
    first.get();
    Future<TunnelException> failure =
        threads.submit(
            () ->
                assertThrows(
                    TunnelException.class, () -> client.newCall(request().build()).execute()));
    peer.next();
    peer.socket.abort();
    assertEquals(Delivered.UNKNOWN, failure.get().delivered());
    assertEquals(ErrorCode.CONNECTION_LOST, recorder.end().code());
  }

  @Test
  void aRequestBeyondTheLimitFailsAloneAndSaysWhichLimit() throws Exception {
    OkHttpClient client =
        call(new SwaggerSettings(0, 0, TimeUnit.SECONDS.toNanos(30), 100, 2000, new byte[0]));
    Request large = request().post(RequestBody.create(new byte[2000])).build();
    TunnelException e = assertThrows(TunnelException.class, () -> client.newCall(large).execute());
    assertEquals(ErrorCode.LIMIT_EXCEEDED, e.code());
    assertEquals(Delivered.NO, e.delivered());
    assertTrue(e.getCause().getMessage().contains("longer than 2000 bytes"), "" + e.getCause());
    Request fits = request().post(RequestBody.create(new byte[1000])).build();
    Future<String> answer = text(client, fits);
    assertTrue(peer.next().startsWith("POST "));
    peer.send(OK_5 + "12345");
    assertEquals("200 12345", answer.get());
  }

  @Test
  void aCallThatIsGivenUpBeforeItWasSentHarmsNothing() throws Exception {
    OkHttpClient client = call(SETTINGS);
    RequestBody broken =
        StreamingFidelity.body(
            sink -> {
              sink.write(new byte[100_000]).flush();
              throw new IOException("expected by the test");
            });
    assertThrows(IOException.class, () -> client.newCall(request().post(broken).build()).execute());
    Future<String> answer = text(client, request().build());
    assertTrue(peer.next().startsWith("GET "), "nothing of the call before went out");
    peer.send(OK_5 + "12345");
    assertEquals("200 12345", answer.get());
  }

  @Test
  void aCallThatIsCancelledEndsTheConnection() throws Exception {
    OkHttpClient client = call(SETTINGS);
    okhttp3.Call call = client.newCall(request().build());
    Future<?> failed = threads.submit(() -> assertThrows(IOException.class, call::execute));
    peer.next();
    call.cancel();
    failed.get();
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith("1008 a call was given up before its response"), closed);
    EngineEnd end = recorder.end();
    assertEquals(ErrorCode.CANCELLED, end.code());
    assertFalse(end.orderly());
    assertTrue(end.reason().contains("read responses to their end"), end.reason());
  }

  @Test
  void aReaderThatStopsMakesThePeerWait() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<Response> call = threads.submit(() -> client.newCall(request().build()).execute());
    peer.next();
    int parts = 200;
    int size = 10_000;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + parts * size + "\r\n\r\n");
    Response response = call.get();
    for (int i = 0; i < parts; i++) {
      peer.send("x".repeat(size));
    }
    Await.until("our side has paused", () -> ours.paused);
    int held = ours.real().undelivered();
    assertTrue(held > parts / 2, "only " + held + " of " + parts + " messages were held back");
    assertEquals(parts * size, response.body().bytes().length);
    assertFalse(ours.paused);
  }

  @ParameterizedTest
  @CsvSource({"1000, NO_ERROR", "1001, GOING_AWAY", "1011, CONNECTION_LOST"})
  void aPeerThatClosesBetweenExchangesMaySayWhy(int code, ErrorCode expected) throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<String> answer = text(client, request().build());
    peer.next();
    peer.send(OK_5 + "12345");
    answer.get();
    peer.socket.close(code, "why");
    EngineEnd end = recorder.end();
    assertEquals(expected, end.code());
    assertTrue(end.byPeer());
    assertTrue(end.reason().contains("why"), end.reason());
  }

  @Test
  void aPeerThatDropsTheSocketIsAFailure() throws Exception {
    call(SETTINGS);
    peer.socket.abort();
    assertEquals(ErrorCode.CONNECTION_LOST, recorder.end().code());
    assertFalse(connection.accepting());
  }

  /** As gorilla/websocket: it drops the socket when it gets a close frame. */
  @Test
  void aPeerThatDoesNotEchoOurCloseIsNoFailure() throws Exception {
    call(SETTINGS);
    ours.dropsOnClose = true;
    connection.close(ErrorCode.NO_ERROR, "closed");
    assertTrue(connection.awaitSocketClosed(Duration.ofSeconds(30)));
    assertTrue(recorder.end().orderly());
    assertFalse(recorder.end().byPeer());
  }

  @Test
  void closeWaitsForNoIdleStream() throws Exception {
    OkHttpClient client = call(SETTINGS);
    Future<String> answer = text(client, request().build());
    peer.next();
    assertFalse(connectionIsIdle());
    peer.send(OK_5 + "12345");
    answer.get();
    awaitIdle();
    assertEquals(1, connection.activeStreams());
  }
}
