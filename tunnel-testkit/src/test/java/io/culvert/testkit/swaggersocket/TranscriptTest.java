package io.culvert.testkit.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.swaggersocket.Transcript.Part;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The transcripts, played by the scripted peer against itself, and how they compare. */
class TranscriptTest extends PeerPair {

  static Stream<Arguments> bothWays() {
    return Transcript.NAMES.stream()
        .flatMap(name -> Stream.of(Arguments.of(name, true), Arguments.of(name, false)));
  }

  @ParameterizedTest
  @MethodSource("bothWays")
  void aPeerPlaysItAgainstAPeer(String name, boolean dialerIsLeft) throws Exception {
    Transcript transcript = Transcript.load(name);
    SwaggerPeer left = dialerIsLeft ? dialer : acceptor;
    SwaggerPeer right = dialerIsLeft ? acceptor : dialer;
    CompletableFuture<Void> playing =
        async(
            () -> {
              transcript.play(left, Part.LEFT);
              return null;
            });
    transcript.play(right, Part.RIGHT);
    playing.get();
  }

  @Test
  void thePeerItselfSaysWhatTheTranscriptsSay() throws Exception {
    // The writer of responses is not what wrote the files.
    acceptor.serve(PeerExchange.handler(acceptor, new TranscriptService()));
    for (String name :
        List.of(
            "simple-get",
            "chunked",
            "post-length",
            "post-chunked",
            "binary",
            "head",
            "no-content",
            "trailers")) {
      Transcript.load(name).play(dialer, Part.LEFT);
    }
  }

  @Test
  void thePeerItselfCallsAsTheTranscriptsSay() throws Exception {
    CompletableFuture<Void> calling =
        async(
            () -> {
              dialer.roundTrip(GoRequest.get("/simple/?q=1").message());
              dialer.roundTrip(GoRequest.get("/simple/?q=2").message());
              dialer.roundTrip(GoRequest.get("/chunked/").message());
              String type = "application/octet-stream";
              dialer.roundTrip(
                  GoRequest.of("POST", "/echo/")
                      .header("Content-Type", type)
                      .body("hello")
                      .message());
              dialer.roundTrip(
                  GoRequest.of("POST", "/echo/")
                      .header("Content-Type", type)
                      .chunked("hello")
                      .message());
              return null;
            });
    for (String name : List.of("simple-get", "chunked", "post-length", "post-chunked")) {
      Transcript.load(name).play(acceptor, Part.RIGHT);
    }
    calling.get();
  }

  private AssertionError fails(String steps) {
    Transcript transcript = Transcript.parse("test", "peer both\n" + steps);
    return assertThrows(AssertionError.class, () -> transcript.play(acceptor, Part.RIGHT));
  }

  private void passes(String steps) throws Exception {
    Transcript.parse("test", "peer both\n" + steps).play(acceptor, Part.RIGHT);
  }

  @Test
  void textIsComparedExactly() throws Exception {
    dialer.send("ab\n");
    AssertionError wrong = fails("-> text\n| ab\n");
    assertTrue(wrong.getMessage().contains("test, step 1 of 1"), wrong.getMessage());
    assertTrue(wrong.getMessage().contains("ab\\n"), wrong.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "${uuid}, 6c1f8f3e-0c1d-4a55-9f0e-1d2c3b4a5968, true",
    "${uuid}, 6c1f8f3e-0c1d-1a55-9f0e-1d2c3b4a5968, false",
    "${uuid}, 6C1F8F3E-0c1d-4a55-9f0e-1d2c3b4a5968, false",
    "'${date}', 'Mon, 02 Jan 2006 15:04:05 GMT', true",
    "'${date}', 'Mon, 2 Jan 2006 15:04:05 GMT', false",
    "${plain}, text/plain;charset=UTF-8, true",
    "${plain}, text/html;charset=UTF-8, false",
    "a${id:x}b${id:x}, a1b1, true",
    "a${id:x}b${id:x}, a1b2, false",
    "a.c, abc, false",
  })
  void variablesStandForWhatTheirTypeSays(String template, String text, boolean matches) {
    assertEquals(matches, new TranscriptVariables().matches(template, text));
  }

  @Test
  void aVariableThatWasHeardIsSaidAgain() throws Exception {
    dialer.send("id=5;");
    passes("-> text\n| id=${id:x};\n<- text\n| ${id:x} ${agent}\n");
    assertEquals("5 Go-http-client/1.1", dialer.read().content());
  }

  private static final String HTTP = "-> http\n| POST / HTTP/1.1\\r\\nA: 1\\r\\nB: ${id}\\r\\n\n";

  @Test
  void headersMayHaveAnyOrderAndOthersMayBeThere() throws Exception {
    dialer.send("POST / HTTP/1.1\r\nb:  x \r\nC: 3\r\na: 1\r\n\r\nbody");
    passes(HTTP + "| \\r\\nbody\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.0\r\nA: 1\r\nB: x\r\n\r\nbody",
        "POST / HTTP/1.1\r\nA: 2\r\nB: x\r\n\r\nbody",
        "POST / HTTP/1.1\r\nB: x\r\n\r\nbody",
        "POST / HTTP/1.1\r\nA: 1\r\nB: x\r\na: 1\r\n\r\nbody",
        "POST / HTTP/1.1\r\nA: 1\r\nB: x\r\n\r\nBody",
        "POST / HTTP/1.1\r\nA: 1\r\nB: x\r\nContent-Length: 4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nA: 1\r\nB: x\r\nTransfer-Encoding: x\r\n\r\nbody",
        "POST / HTTP/1.1\r\nA: 1\r\nB: x\r\n",
      })
  void startLineValuesNumberFramingAndBodyAreExact(String message) throws Exception {
    dialer.send(message);
    fails(HTTP + "| \\r\\nbody\n");
  }

  private static final String CHUNKED =
      """
      -> http
      | HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n
      | a\\r\\n0123456789\\r\\n
      -> chunk
      | 1\\r\\nx\\r\\n
      -> chunk
      | 0\\r\\n\\r\\n
      """;

  private void sendChunked(String first, String second, String third) throws Exception {
    dialer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + first);
    dialer.send(second);
    dialer.send(third);
  }

  @ParameterizedTest
  @CsvSource({
    "a.0123456789., 1.x., 0..",
    "A.0123456789, .1.x, .0..",
    "A.0123456789, .1.x., 0..",
  })
  void chunksMayEndInTheNextMessage(String first, String second, String third) throws Exception {
    sendChunked(crlf(first), crlf(second), crlf(third));
    passes(CHUNKED);
  }

  @ParameterizedTest
  @CsvSource({
    "a.0123456789., .1.x., 0..",
    "a.0123456789, 1.x., 0..",
    "5.01234.5.56789., 1.x., 0..",
    "a.0123456789., 1.y., 0..",
    "a.0123456789.1.x., 0.., ''",
    "a.0123456789., 1.x., 0.",
  })
  void chunksAndTheirMessagesAreExactOtherwise(String first, String second, String third)
      throws Exception {
    sendChunked(crlf(first), crlf(second), crlf(third));
    fails(CHUNKED);
  }

  private static String crlf(String dots) {
    return dots.replace(".", "\r\n");
  }

  @Test
  void anEndIsComparedByWhetherItHasAFrame() throws Exception {
    dialer.close();
    assertTrue(fails("-> cut\n").getMessage().contains("no close frame"));
  }

  @Test
  void aCutIsNoClose() throws Exception {
    dialer.cut();
    assertTrue(fails("-> close\n").getMessage().contains("a close frame"));
  }

  @Test
  void onlyAPeerSaysWhatNobodyElseWould() {
    assertFalse(Transcript.load("empty-messages").canPlay(Part.LEFT));
    assertTrue(Transcript.load("empty-messages").canPlay(Part.RIGHT));
    assertTrue(Transcript.load("simple-get").canPlay(Part.LEFT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "peer both\n",
        "peer nobody\n-> text\n",
        "peer both\nhello\n-> text\n",
        "peer both\n-> x\n",
        "peer both\n| x\n",
        "peer both\n-> text\n| \\q\n",
        "peer both\n-> text\n| \\x1\n"
      })
  void aMalformedFileIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Transcript.parse("test", text));
  }

  @Test
  void everyByteCanBeWritten() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c <= 0xff; c++) {
      all.append(c);
    }
    String escaped = WireText.escape(all.toString());
    assertTrue(escaped.chars().allMatch(c -> c >= ' ' && c < 0x7f), escaped);
    assertEquals(all.toString(), WireText.unescape(escaped));
    assertThrows(IllegalArgumentException.class, () -> WireText.bytes("\u0100"));
  }
}
