package io.culvert.testkit;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The WebSocket upgrade and frames by hand, for peers that misbehave on purpose. */
public final class RawUpgrade {
  private static final Pattern KEY = Pattern.compile("(?i)\r\nSec-WebSocket-Key: *(\\S+)");

  private RawUpgrade() {}

  /**
   * Reads an upgrade request and answers 101 with the right key.
   *
   * @param headers further headers, each a line
   */
  public static void accept(Socket socket, String... headers) throws IOException {
    socket.getOutputStream().write(answer(socket, headers));
  }

  /** Reads an upgrade request; the 101 with the right key that is its answer. */
  public static byte[] answer(Socket socket, String... headers) throws IOException {
    String head = RawServer.readHead(socket.getInputStream());
    return answer(head, headers).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The 101 with the right key that answers this request head, with further header lines. */
  public static String answer(String requestHead, String... headers) throws IOException {
    Matcher key = KEY.matcher(requestHead);
    if (!key.find()) {
      throw new IOException("the request has no Sec-WebSocket-Key");
    }
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + acceptKey(key.group(1))
        + "\r\n"
        + lines(headers);
  }

  private static String lines(String... headers) {
    return String.join("\r\n", headers) + (headers.length == 0 ? "\r\n" : "\r\n\r\n");
  }

  /** The {@code Sec-WebSocket-Accept} that belongs to this key (RFC 6455 section 4.2.2). */
  public static String acceptKey(String key) {
    try {
      String salted = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 1.3
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest(salted.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends an upgrade request. */
  public static void request(Socket socket, String... headers) throws IOException {
    socket.getOutputStream().write(request(headers));
  }

  /** An upgrade request. */
  public static byte[] request(String... headers) {
    String request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            + lines(headers);
    return request.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Writes one unmasked frame. */
  public static void frame(Socket socket, int firstByte, byte[] payload) throws IOException {
    socket.getOutputStream().write(frame(firstByte, payload));
  }

  /**
   * One unmasked frame.
   *
   * @param firstByte FIN, reserved bits and opcode (RFC 6455 section 5.2)
   */
  public static byte[] frame(int firstByte, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 10).put((byte) firstByte);
    if (payload.length < 126) {
      frame.put((byte) payload.length);
    } else if (payload.length < 65_536) {
      frame.put((byte) 126).putShort((short) payload.length);
    } else {
      frame.put((byte) 127).putLong(payload.length);
    }
    frame.put(payload).flip();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }
}
