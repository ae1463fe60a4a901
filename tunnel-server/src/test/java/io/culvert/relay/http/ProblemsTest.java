package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The catalogue, what leads into it, and its page. */
class ProblemsTest {
  private static final Pattern SECTION =
      Pattern.compile(
          "^### (\\S+)\n\n(\\d{3}), (\\w+), delivered: (as it happened|\\w+)", Pattern.MULTILINE);

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM_REFUSED, NO, false, 502, UPSTREAM, NO",
    "UPSTREAM_UNREACHABLE, NO, false, 502, UPSTREAM, NO",
    "UPSTREAM_TIMEOUT, NO, false, 504, UPSTREAM, NO",
    "UPSTREAM_UNTRUSTED, NO, false, 502, UPSTREAM, NO",
    "UPSTREAM_RESET, UNKNOWN, false, 502, UPSTREAM, UNKNOWN",
    "UPSTREAM_RESET, YES, true, 502, UPSTREAM, YES",
    "REFUSED, NO, false, 503, AGENT, NO",
    "FORBIDDEN, NO, false, 502, AGENT, NO",
    "CANCELLED, UNKNOWN, false, 502, AGENT, UNKNOWN",
    "LIMIT_EXCEEDED, NO, false, 503, TUNNEL, NO",
    "CONNECTION_LOST, NO, false, 502, TUNNEL, NO",
    "CONNECTION_LOST, UNKNOWN, false, 502, TUNNEL, UNKNOWN",
    "CONNECTION_LOST, UNKNOWN, true, 502, TUNNEL, YES",
    "REPLACED, UNKNOWN, false, 502, TUNNEL, UNKNOWN",
    "ABORTED, NO, false, 502, TUNNEL, NO",
    "GOING_AWAY, NO, false, 502, TUNNEL, NO",
    "PROTOCOL_ERROR, UNKNOWN, false, 502, TUNNEL, UNKNOWN",
  })
  void aFailedStreamHasStatusHopAndDelivery(
      ErrorCode code,
      Delivered ofStream,
      boolean responseBegun,
      int status,
      Problem.Hop hop,
      Delivered delivered) {
    Problem problem =
        Problems.of(new TunnelException(code, ofStream, "the reason", null), responseBegun);

    assertAll(
        () -> assertEquals(status, problem.status()),
        () -> assertEquals(hop, problem.hop()),
        () -> assertEquals(delivered, problem.delivered()),
        () -> assertEquals("the reason", problem.detail()));
  }

  @Test
  void anEarlierExchangeOnTheStreamProvesNothingAboutThisOne() {
    TunnelException failure =
        new TunnelException(ErrorCode.UPSTREAM_RESET, Delivered.YES, "cut", null);

    assertEquals(Delivered.UNKNOWN, Problems.of(failure, false).delivered());
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void whatPromisesThatNothingWasProcessedIsNotDelivered(ErrorCode code) {
    if (code.promisesNotProcessed()) {
      assertEquals(Delivered.NO, Problems.codeOf(code).delivered());
    }
  }

  @Test
  void everyCodeHasItsSectionAndEverySectionItsCode() throws IOException {
    List<String> inPage =
        SECTION.matcher(page()).results().map(section -> section.group(1)).toList();
    List<String> inCode = Arrays.stream(ProblemCode.values()).map(ProblemCode::id).toList();

    assertEquals(inCode, inPage);
  }

  @ParameterizedTest
  @EnumSource(ProblemCode.class)
  void thePageSaysWhatTheCodeSays(ProblemCode code) throws IOException {
    MatchResult section =
        SECTION
            .matcher(page())
            .results()
            .filter(result -> result.group(1).equals(code.id()))
            .findFirst()
            .orElseThrow();

    assertEquals(code.status(), Integer.parseInt(section.group(2)));
    assertEquals(code.hop().name().toLowerCase(Locale.ROOT), section.group(3));
    String delivered = code.delivered().name().toLowerCase(Locale.ROOT);
    assertTrue(
        List.of(delivered, "as it happened").contains(section.group(4)),
        () -> "the page says " + section.group(4) + ", the code " + delivered);
    assertEquals(code, ProblemCode.of(code.id()).orElseThrow());
  }

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/errors.md"));
  }
}
