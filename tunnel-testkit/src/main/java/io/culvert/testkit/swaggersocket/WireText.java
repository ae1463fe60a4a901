package io.culvert.testkit.swaggersocket;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Strings of which every char is one byte. */
final class WireText {
  private static final HexFormat HEX = HexFormat.of();

  private WireText() {}

  static byte[] bytes(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        throw new IllegalArgumentException("char " + i + " is not a byte: " + (int) text.charAt(i));
      }
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String of(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Printable on one line; {@link #unescape} is the way back. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c >= ' ' && c < 0x7f) {
            out.append(c);
          } else {
            out.append("\\x").append(HEX.toHexDigits((byte) c));
          }
        }
      }
    }
    return out.toString();
  }

  static String unescape(String line) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = ++i < line.length() ? line.charAt(i) : ' ';
      switch (escaped) {
        case 'r' -> out.append('\r');
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case '\\' -> out.append('\\');
        case 'x' -> {
          out.append((char) HexFormat.fromHexDigits(line, i + 1, i + 3));
          i += 2;
        }
        default -> throw new IllegalArgumentException("no such escape in " + line);
      }
    }
    return out.toString();
  }
}
