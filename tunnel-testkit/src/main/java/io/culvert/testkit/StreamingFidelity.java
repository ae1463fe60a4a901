package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.junit.jupiter.api.Test;

/**
 * Bodies of every size arrive whole, piece by piece as they are written, for many callers at once.
 */
public abstract class StreamingFidelity extends HttpSuite {
  private static final int BLOCK = 64 << 10;
  private static final int CHUNKS = 50;

  /** Bytes of the largest body that goes up and down at once. */
  protected long largeBody() {
    return 8L << 20;
  }

  /** How many requests 64 threads make together. */
  protected int requests() {
    return 3_200;
  }

  @Test
  void bodiesAroundTheSizesOfBuffersComeBackAsTheyWere() throws Exception {
    serve(
        "/echo",
        (request, response) ->
            response.getOutputStream().write(request.getInputStream().readAllBytes()));
    for (int size : new int[] {0, 1, 1023, 8192, 65_535, 65_536, 65_537, 262_145}) {
      byte[] body = new byte[size];
      new Random(size).nextBytes(body);
      Request request = request("/echo").post(RequestBody.create(body)).build();
      try (Response response = client().newCall(request).execute()) {
        assertArrayEquals(body, response.body().bytes(), "size " + size);
      }
    }
  }

  @Test
  void largeBodiesGoUpAndDownAtOnce() throws Exception {
    serve(
        "/up", (request, response) -> response.getWriter().print(digest(request.getInputStream())));
    serve("/down", (request, response) -> writePattern(response.getOutputStream(), largeBody()));
    String expected = digestOfPattern();
    Request up = request("/up").post(pattern(largeBody())).build();
    List<Future<String>> digests = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      var uploading = client().newCall(up);
      digests.add(threads.submit(() -> text(uploading.execute())));
      var downloading = client().newCall(request("/down").build());
      digests.add(
          threads.submit(
              () -> {
                try (Response response = downloading.execute()) {
                  return digest(response.body().byteStream());
                }
              }));
    }
    for (Future<String> digest : digests) {
      assertEquals(expected, digest.get());
    }
  }

  @Test
  void manyCallersGetTheirOwnResponses() throws Exception {
    serve(
        "/own/*",
        (request, response) ->
            response.getWriter().print(request.getPathInfo() + request.getReader().readLine()));
    int callers = 64;
    List<Future<?>> done = new ArrayList<>();
    var client = client();
    for (int caller = 0; caller < callers; caller++) {
      String name = "/" + caller + "-";
      done.add(
          threads.submit(
              () -> {
                for (int i = 0; i < requests() / callers; i++) {
                  Request request =
                      request("/own" + name + i).post(RequestBody.create("b" + i, null)).build();
                  assertEquals(name + i + "b" + i, text(client.newCall(request).execute()));
                }
                return null;
              }));
    }
    for (Future<?> future : done) {
      future.get();
    }
    assertTrue(tunnel.openStreams() <= callers, "more streams than callers: a leak");
  }

  @Test
  void eachChunkOfAResponseArrivesBeforeTheNextIsWritten() throws Exception {
    Semaphore received = new Semaphore(0);
    serve(
        "/stream",
        (request, response) -> {
          for (int i = 0; i < CHUNKS; i++) {
            response.getOutputStream().write(i);
            response.flushBuffer();
            received.acquire();
          }
        });
    try (Response response = get("/stream")) {
      InputStream body = response.body().byteStream();
      for (int i = 0; i < CHUNKS; i++) {
        assertEquals(i, body.read());
        received.release();
      }
      assertEquals(-1, body.read());
    }
  }

  @Test
  void eachChunkOfARequestArrivesBeforeTheNextIsWritten() throws Exception {
    Semaphore received = new Semaphore(0);
    serve(
        "/stream",
        (request, response) -> {
          InputStream body = request.getInputStream();
          for (int i = 0; i < CHUNKS; i++) {
            assertEquals(i, body.read());
            received.release();
          }
          response.getWriter().print(body.read());
        });
    Request request = request("/stream").post(body(sink -> writeInStep(sink, received))).build();
    assertEquals("-1", text(client().newCall(request).execute()));
  }

  private static void writeInStep(BufferedSink sink, Semaphore received) throws IOException {
    for (int i = 0; i < CHUNKS; i++) {
      sink.writeByte(i).flush();
      try {
        received.acquire();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  @Test
  void serverSentEventsArriveOneByOne() throws Exception {
    Semaphore received = new Semaphore(0);
    serve(
        "/events",
        (request, response) -> {
          response.setContentType("text/event-stream");
          response.setCharacterEncoding("UTF-8");
          for (int i = 0; i < CHUNKS; i++) {
            response.getWriter().print("id: " + i + "\ndata: événement " + i + "\n\n");
            response.flushBuffer();
            received.acquire();
          }
        });
    Request request = request("/events").header("Accept", "text/event-stream").build();
    try (Response response = client().newCall(request).execute()) {
      BufferedSource events = response.body().source();
      for (int i = 0; i < CHUNKS; i++) {
        assertEquals("id: " + i, events.readUtf8LineStrict());
        assertEquals("data: événement " + i, events.readUtf8LineStrict());
        assertEquals("", events.readUtf8LineStrict());
        received.release();
      }
      assertTrue(events.exhausted());
    }
  }

  @Test
  void oneReaderThatStopsDoesNotHoldUpTheOthers() throws Exception {
    serve("/down", (request, response) -> writePattern(response.getOutputStream(), largeBody()));
    serve("/quick", (request, response) -> response.getWriter().print("quick"));
    try (Response stalled = get("/down")) {
      for (int i = 0; i < 100; i++) {
        assertEquals("quick", text(get("/quick")));
      }
      assertEquals(digestOfPattern(), digest(stalled.body().byteStream()));
    }
  }

  /** A body that is written by the caller's thread, of unknown length. */
  static RequestBody body(BodyWriter writer) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writer.writeTo(sink);
      }
    };
  }

  /** What {@link #body} writes. */
  @FunctionalInterface
  interface BodyWriter {
    void writeTo(BufferedSink sink) throws IOException;
  }

  private static RequestBody pattern(long size) {
    return body(sink -> writePattern(sink.outputStream(), size));
  }

  private static void writePattern(OutputStream out, long size) throws IOException {
    Random random = new Random(7);
    byte[] block = new byte[BLOCK];
    for (long left = size; left > 0; left -= block.length) {
      random.nextBytes(block);
      out.write(block, 0, (int) Math.min(left, block.length));
    }
  }

  private String digestOfPattern() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (OutputStream out =
        new java.security.DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      writePattern(out, largeBody());
    }
    return java.util.HexFormat.of().formatHex(digest.digest());
  }

  private static String digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (OutputStream out =
        new java.security.DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return java.util.HexFormat.of().formatHex(digest.digest());
  }
}
