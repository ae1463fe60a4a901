package io.culvert.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwaggerHandshakeTest {
  private static final String ID = "c56a4180-65aa-42ec-a945-5fd21dec0538";
  private static final String ACK = "{\"Type\":\"ClientHandshakeAckFrame\"}\n";
  private static final String GIVEN =
      "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"" + ID + "\"}\n";
  private static final int LIMIT = 100;

  private final SwaggerHandshake acceptor = SwaggerHandshake.acceptor(ID, LIMIT);
  private final SwaggerHandshake dialer = SwaggerHandshake.dialer(Map.of());

  private static String text(byte[] message) {
    return new String(message, StandardCharsets.UTF_8);
  }

  private static ByteBuffer bytes(String message) {
    return ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
  }

  private static String hello(String meta) {
    return "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":" + meta + "}\n";
  }

  @Test
  void theDialerPlaysItsPartToTheByte() throws Exception {
    assertEquals(hello("null"), text(dialer.begin()));
    assertFalse(dialer.complete());
    assertEquals("", dialer.id());
    assertEquals(ACK, text(dialer.receive(bytes(GIVEN))));
    assertTrue(dialer.complete());
    assertEquals(ID, dialer.id());
  }

  @Test
  void theAcceptorPlaysItsPartToTheByte() throws Exception {
    assertNull(acceptor.begin());
    assertEquals(GIVEN, text(acceptor.receive(bytes(hello("{\"pod\":\"a\"}")))));
    assertFalse(acceptor.complete(), "the acceptor's connection exists from the third message on");
    assertNull(acceptor.receive(bytes(ACK)));
    assertTrue(acceptor.complete());
    assertEquals(Map.of("pod", "a"), acceptor.metadata());
  }

  @Test
  void metadataIsWrittenAsGoWritesIt() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("é", "<a href='x'>&=\u2028\u2029");
    metadata.put("b", "\"\\/\n\r\t\b\f\u0001\u007f");
    metadata.put("B", "");
    metadata.put("\ufffd", "replacement");
    metadata.put("\ud83d\ude00", "\ud83d\ude00");
    assertEquals(
        hello(
            "{\"B\":\"\","
                + "\"b\":\"\\\"\\\\/\\n\\r\\t\\u0008\\u000c\\u0001\u007f\","
                + "\"é\":\"\\u003ca href='x'\\u003e\\u0026=\\u2028\\u2029\","
                + "\"\ufffd\":\"replacement\","
                + "\"\ud83d\ude00\":\"\ud83d\ude00\"}"),
        text(SwaggerHandshake.dialer(metadata).begin()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null | {}",
        "{} | {}",
        "\"pod-7\" | {Meta=\"pod-7\"}",
        "42 | {Meta=42}",
        "1.50e3 | {Meta=1.50e3}",
        "true | {Meta=true}",
        "[1, \"a\"] | {Meta=[1,\"a\"]}",
        "{\"s\":\"t\",\"n\":7,\"z\":null,\"o\":{\"a\":[]}} | {s=t, n=7, z=null, o={\"a\":[]}}",
        "{\"a\":\"1\",\"a\":\"2\"} | {a=2}",
        "{\"\\u0061\":\"\\u00e9\\n\"} | {a=é\\n}",
      })
  void metadataMayBeAnyJson(String meta, String expected) throws Exception {
    acceptor.receive(bytes(hello(meta)));
    assertEquals(expected.replace("\\n", "\n"), acceptor.metadata().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"Type\":\"ClientHandshakeMetaData\"}",
        " {\"meta\":{},\"TYPE\":\"ClientHandshakeMetaData\",\"Extra\":[{}]}\r\n\t",
        "{\"Type\":\"other\",\"type\":\"ClientHandshakeMetaData\"}",
        "{\"Type\":\"\\u0043lientHandshakeMetaData\"}",
        "{\"Type\":\"ClientHandshakeMetaData\"} GET / HTTP/1.1",
      })
  void messagesAreReadAsGoReadsThem(String message) throws Exception {
    assertEquals(GIVEN, text(acceptor.receive(bytes(message))));
    assertEquals(Map.of(), acceptor.metadata());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | 0 bytes that are no JSON",
        "` \n` | 2 bytes that are no JSON",
        "GET / HTTP/1.1 | 14 bytes that are no JSON",
        "{\"Type\":\"ClientHandshakeMetaData\" | 33 bytes that are no JSON",
        "{'Type':'ClientHandshakeMetaData'} | 34 bytes that are no JSON",
        "{Type:\"ClientHandshakeMetaData\"} | 32 bytes that are no JSON",
        "{\"Type\"=\"ClientHandshakeMetaData\"} | 34 bytes that are no JSON",
        "/**/{\"Type\":\"ClientHandshakeMetaData\"} | 38 bytes that are no JSON",
        "{\"Type\":\"ClientHandshakeMetaData\",} | 35 bytes that are no JSON",
        "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":NaN} | 45 bytes that are no JSON",
        "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":TRUE} | 46 bytes that are no JSON",
        "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":\"a\tb\"} | 47 bytes that are no JSON",
        "[] | 2 bytes of JSON that are no object",
        "\"ClientHandshakeMetaData\" | 25 bytes of JSON that are no object",
        "null | the type \"\"",
        "{} | the type \"\"",
        "{\"Type\":null} | the type \"\"",
        "{\"Type\":7} | a field Type that is no string",
        "{\"Type\":\"clientHandshakeMetaData\"} | the type \"clientHandshakeMetaData\"",
        "{\"Type\":\"ClientHandshakeAckFrame\"} | the type \"ClientHandshakeAckFrame\"",
        "{\"Type\":\"\\u001b[31m\\nroot\"} | the type \"?[31m?root\"",
      })
  void anythingElseIsRefusedWithWhatWasExpected(String message, String got) {
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> acceptor.receive(bytes(message)));
    assertEquals(ErrorCode.PROTOCOL_ERROR, e.code());
    String expected =
        "expected the swaggersocket handshake message ClientHandshakeMetaData but got";
    assertTrue(e.getMessage().startsWith(expected), e.getMessage());
    assertTrue(e.getMessage().endsWith(got), e.getMessage());
    assertFalse(acceptor.complete());
  }

  @Test
  void theThirdMessageIsExpectedToBeTheAcknowledgement() throws Exception {
    acceptor.receive(bytes(hello("null")));
    for (String wrong : new String[] {hello("null"), GIVEN, "GET / HTTP/1.1\r\n\r\n"}) {
      ProtocolException e =
          assertThrows(ProtocolException.class, () -> acceptor.receive(bytes(wrong)));
      assertTrue(e.getMessage().contains("ClientHandshakeAckFrame but"), e.getMessage());
      assertFalse(acceptor.complete());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"Type\":\"ServerHandshakeConnectionID\"}",
        "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"\"}",
        "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":5}",
        "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"a\\nb\"}",
        "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":"
            + "\"12345678901234567890123456789012345678901\"}",
        "{\"Type\":\"ClientHandshakeAckFrame\",\"ConnectionID\":\"" + ID + "\"}",
      })
  void theDialerWantsAnId(String message) {
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> dialer.receive(bytes(message)));
    assertTrue(e.getMessage().contains("ServerHandshakeConnectionID"), e.getMessage());
    assertFalse(dialer.complete());
    assertEquals("", dialer.id());
  }

  @Test
  void metadataIsBounded() throws Exception {
    acceptor.receive(bytes(hello("\"" + "x".repeat(LIMIT - 2) + "\"")));
    SwaggerHandshake other = SwaggerHandshake.acceptor(ID, LIMIT);
    ProtocolException e =
        assertThrows(
            ProtocolException.class,
            () -> other.receive(bytes(hello("\"" + "x".repeat(2 * LIMIT) + "\""))));
    assertEquals(ErrorCode.METADATA_TOO_LARGE, e.code());
    assertTrue(e.getMessage().contains("of at most"), e.getMessage());
  }

  @Test
  void theOtherMessagesAreBoundedToo() {
    String long_ = GIVEN.replace("}\n", ",\"x\":\"" + "x".repeat(4096) + "\"}");
    ProtocolException e = assertThrows(ProtocolException.class, () -> dialer.receive(bytes(long_)));
    assertTrue(e.getMessage().contains("of at most 4096 bytes but got"), e.getMessage());
  }

  /** Deep nesting must cost an error, not the stack. */
  @Test
  void nestingIsBounded() {
    SwaggerHandshake large = SwaggerHandshake.acceptor(ID, 1 << 20);
    String deep = hello("[".repeat(200_000) + "]".repeat(200_000));
    ProtocolException e = assertThrows(ProtocolException.class, () -> large.receive(bytes(deep)));
    assertTrue(e.getMessage().endsWith("that are no JSON"), e.getMessage());
  }

  @Test
  void bytesThatAreNoUtf8AreReplacedAsInGo() throws Exception {
    byte[] message = hello("{\"a\":\"\u0001\"}").getBytes(StandardCharsets.ISO_8859_1);
    message[message.length - 5] = (byte) 0xff;
    acceptor.receive(ByteBuffer.wrap(message));
    assertEquals(Map.of("a", "\ufffd"), acceptor.metadata());
  }

  @Test
  void whatComesBackIsReadAsItWasWritten() throws Exception {
    Map<String, String> metadata = Map.of("k\"<\u2028", "v\\\u0000\ud83d\ude00");
    byte[] hello = SwaggerHandshake.dialer(metadata).begin();
    ByteBuffer message = ByteBuffer.wrap(hello.clone());
    acceptor.receive(message);
    assertEquals(metadata, acceptor.metadata());
    assertArrayEquals(hello, message.array());
  }
}
