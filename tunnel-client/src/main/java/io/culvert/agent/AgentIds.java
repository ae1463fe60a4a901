package io.culvert.agent;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The default id of an agent: the same when the same one starts again on the same machine. */
final class AgentIds {
  private static final int MAX_HOST = 40;

  private AgentIds() {}

  static String of(String name, Upstream upstream) {
    return of(hostName(), name, upstream);
  }

  static String of(String host, String name, Upstream upstream) {
    String readable = host.replaceAll("[^A-Za-z0-9._-]", "-");
    String all = host + '\n' + name + '\n' + upstream;
    return readable.substring(0, Math.min(MAX_HOST, readable.length())) + "-" + hash(all);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "host";
    }
  }

  private static String hash(String text) {
    try {
      byte[] all =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(all, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
