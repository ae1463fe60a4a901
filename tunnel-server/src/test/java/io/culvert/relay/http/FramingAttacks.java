package io.culvert.relay.http;

import static io.culvert.relay.http.SmugglingTable.Expectation.neutralised;
import static io.culvert.relay.http.SmugglingTable.Expectation.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;

/** Attacks by which two readers see different ends of a message. */
final class FramingAttacks extends SmugglingTable {
  FramingAttacks() {
    lengths();
    codings();
    chunks();
    trailers();
  }

  private void lengths() {
    String group = "length";
    head(group, "twice, equal", POST, "Content-Length: 4", "Content-Length: 4", refused(400));
    head(group, "twice, different", POST, "Content-Length: 4", "Content-Length: 44", refused(400));
    head(group, "list, equal", POST, "Content-Length: 4, 4", refused(400));
    head(group, "list, different", POST, "Content-Length: 4, 44", refused(400));
    head(group, "plus", POST, "Content-Length: +4", refused(400));
    head(group, "minus", POST, "Content-Length: -4", refused(400));
    head(group, "hexadecimal", POST, "Content-Length: 0x4", refused(400));
    head(group, "empty", POST, "Content-Length:", refused(400));
    head(group, "space inside", POST, "Content-Length: 4 4", refused(400));
    head(group, "vertical tab", POST, "Content-Length: \u000b4", refused(400));
    head(group, "too large", POST, "Content-Length: 99999999999999999999", refused(400));
    head(group, "fraction", POST, "Content-Length: 4.0", refused(400));
    row(
        group,
        "body of a GET that is a request",
        GET + TO_HOST + "Content-Length: " + HIDDEN.length() + "\r\n\r\n" + HIDDEN,
        neutralised(seen -> assertEquals(HIDDEN, seen.body())));
    unfinished(
        group,
        "body that ends early",
        POST + TO_HOST + "Content-Length: 9\r\n\r\nabcd",
        refused(400, 0));
  }

  private void codings() {
    String group = "coding";
    row(
        group,
        "length and chunks",
        POST + TO_HOST + "Content-Length: 4\r\n" + CHUNKED + "\r\n" + NO_CHUNKS + HIDDEN,
        refused(400));
    row(
        group,
        "chunks and length",
        POST + TO_HOST + CHUNKED + "Content-Length: 4\r\n\r\n" + NO_CHUNKS + HIDDEN,
        refused(400));
    for (String coding :
        List.of(
            "xchunked",
            "chunked, identity",
            "identity, chunked",
            "identity",
            "chunked, chunked",
            "gzip, chunked",
            "chunked;q=1",
            "\"chunked\"",
            "chunked\u000b",
            "\u000bchunked",
            "chunked\u0000",
            "chun\tked",
            ", chunked",
            "chunked,",
            "")) {
      row(
          group,
          "'" + visible(coding) + "'",
          POST + TO_HOST + "Transfer-Encoding: " + coding + "\r\n\r\n" + NO_CHUNKS,
          refused(400));
    }
    row(
        group,
        "tab before the value",
        POST + TO_HOST + "Transfer-Encoding:\tchunked\r\n\r\n" + NO_CHUNKS,
        neutralised(FramingAttacks::hasNoFraming));
    row(
        group,
        "in capitals",
        POST + TO_HOST + "TRANSFER-ENCODING: CHUNKED\r\n\r\n" + NO_CHUNKS,
        neutralised(FramingAttacks::hasNoFraming));
    row(group, "twice", POST + TO_HOST + CHUNKED + CHUNKED + "\r\n" + NO_CHUNKS, refused(400));
    row(
        group,
        "twice, once false",
        POST + TO_HOST + CHUNKED + "Transfer-Encoding: x\r\n\r\n" + NO_CHUNKS,
        refused(400));
    row(
        group,
        "space before the colon",
        POST + TO_HOST + "Transfer-Encoding : chunked\r\n\r\n" + NO_CHUNKS,
        refused(400));
    row(
        group,
        "space before the name",
        POST + TO_HOST + " Transfer-Encoding: chunked\r\n\r\n" + NO_CHUNKS,
        refused(400));
    row(
        group,
        "on the next line",
        POST + TO_HOST + "Transfer-Encoding:\r\n chunked\r\n\r\n" + NO_CHUNKS,
        refused(400));
    row(
        group,
        "after a bare line feed",
        POST + TO_HOST + "X: y\nTransfer-Encoding: chunked\r\n\r\n" + NO_CHUNKS,
        refused(400));
    row(
        group,
        "with an underscore",
        POST + TO_HOST + "Content-Length: 4\r\nTransfer_Encoding: chunked\r\n\r\nabcd",
        neutralised(
            seen -> {
              assertEquals("abcd", seen.body());
              assertFalse(seen.names().contains("transfer_encoding"), seen.toString());
            }));
    row(
        group,
        "in HTTP/1.0",
        "POST /attack HTTP/1.0\r\n" + TO_HOST + CHUNKED + "\r\n" + NO_CHUNKS,
        refused(400));
  }

  private void chunks() {
    String group = "chunk";
    for (String size :
        List.of(
            "-1",
            "+4",
            "0x4",
            "4 4",
            " 4",
            "g",
            "",
            "\u000b4",
            "ffffffffffffffff",
            "fffffffffffffffff4",
            "100000000000000000",
            "4;\u0000",
            "4\u0000")) {
      chunk(group, "size '" + visible(size) + "'", size + "\r\nabcd\r\n" + NO_CHUNKS + HIDDEN);
    }
    chunk(group, "line feed after the size", "4\nabcd\r\n" + NO_CHUNKS + HIDDEN);
    chunk(group, "line feed after the data", "4\r\nabcd\n" + NO_CHUNKS + HIDDEN);
    chunk(group, "line feeds at the end", "4\r\nabcd\r\n0\n\n" + HIDDEN);
    chunk(group, "line feed in an extension", "4;a\nb=c\r\nabcd\r\n" + NO_CHUNKS + HIDDEN);
    chunk(group, "carriage return after the size", "4\rabcd\r\n" + NO_CHUNKS + HIDDEN);
    chunk(group, "more data than said", "4\r\nabcde\r\n" + NO_CHUNKS + HIDDEN);
    chunk(group, "huge extension", "4;a=" + "x".repeat(40_000) + "\r\nabcd\r\n" + NO_CHUNKS);
    row(
        group,
        "extension",
        POST + TO_HOST + CHUNKED + "\r\n4;a=b\r\nabcd\r\n" + NO_CHUNKS,
        neutralised(seen -> assertEquals("abcd", seen.body())));
    row(
        group,
        "leading zeroes",
        POST + TO_HOST + CHUNKED + "\r\n0004\r\nabcd\r\n" + NO_CHUNKS,
        neutralised(seen -> assertEquals("abcd", seen.body())));
    unfinished(
        group, "no last chunk", POST + TO_HOST + CHUNKED + "\r\n4\r\nabcd\r\n", refused(400, 0));
    unfinished(
        group,
        "no line end after the data",
        POST + TO_HOST + CHUNKED + "\r\n4\r\nabcd",
        refused(400, 0));
    unfinished(
        group,
        "no line end in the last chunk",
        POST + TO_HOST + CHUNKED + "\r\n0",
        refused(400, 0));
  }

  private void trailers() {
    row(
        "trailer",
        "fields that cannot come there",
        POST
            + TO_HOST
            + CHUNKED
            + "Trailer: X-Sum, Content-Length, Host\r\n\r\n4\r\nabcd\r\n0\r\n"
            + "X-Sum: 7\r\nContent-Length: 0\r\nHost: evil\r\nTransfer-Encoding: chunked\r\n"
            + "X-Forwarded-For: 10.9.9.9\r\nAuthorization: x\r\nConnection: x\r\n\r\n",
        neutralised(
            seen -> {
              assertEquals("abcd", seen.body());
              assertEquals(List.of("X-Sum"), seen.values("Trailer"));
              assertEquals(
                  List.of("x-sum"),
                  seen.trailers().stream().map(field -> field.getLowerCaseName()).toList());
            }));
    chunk("trailer", "folded", "0\r\nX: a\r\n b\r\n\r\n" + HIDDEN);
    chunk("trailer", "without name", "0\r\n: a\r\n\r\n" + HIDDEN);
    chunk("trailer", "line feed", "0\r\nX: a\nY: b\r\n\r\n" + HIDDEN);
    chunk("trailer", "too large", "0\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");
  }

  private static void hasNoFraming(Seen seen) {
    assertFalse(seen.names().contains("transfer-encoding"), seen.toString());
    assertFalse(seen.names().contains("content-length"), seen.toString());
  }
}
