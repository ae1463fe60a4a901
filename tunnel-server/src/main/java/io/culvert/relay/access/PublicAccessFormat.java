package io.culvert.relay.access;

import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Reads what a file of public access says. */
final class PublicAccessFormat {
  /** The entry of all names that have none of their own. */
  static final String ANY = "*";

  /** A colon ends the user in Basic (RFC 7617 section 2). */
  private static final Pattern USER = Pattern.compile("[^:\\p{Cntrl}]{1,128}");

  private PublicAccessFormat() {}

  /** The policies by name. */
  static Map<String, PublicPolicy> parse(Path file, byte[] content) throws IOException {
    YamlNode root = YamlFile.parse(file, content);
    Map<String, PublicPolicy> policies = new HashMap<>();
    YamlNode names = root.required(root.mapping(Set.of("names")), "names");
    for (Map.Entry<String, YamlNode> entry : names.mapping().entrySet()) {
      String name = entry.getKey();
      if (!name.equals(ANY) && !Rendezvous.isName(name)) {
        throw entry
            .getValue()
            .error(
                "expected one label of a host name in lower case, or *, as a name, but got "
                    + YamlNode.quote(name));
      }
      policies.put(name, policy(entry.getValue()));
    }
    return policies;
  }

  private static PublicPolicy policy(YamlNode node) throws IOException {
    YamlNode access = node.required(node.mapping(), "access");
    return switch (access.text()) {
      case "open" -> new PublicPolicy(null, allow(node.mapping(Set.of("access", "allow"))));
      case "basic" -> {
        Map<String, YamlNode> keys = node.mapping(Set.of("access", "allow", "users"));
        yield new PublicPolicy(users(node.required(keys, "users")), allow(keys));
      }
      case "bearer" -> {
        Map<String, YamlNode> keys = node.mapping(Set.of("access", "allow", "tokens"));
        yield new PublicPolicy(tokens(node.required(keys, "tokens")), allow(keys));
      }
      default ->
          throw access.error(
              "expected open, basic or bearer as access, but got " + YamlNode.quote(access.text()));
    };
  }

  private static PublicPolicy.Lock users(YamlNode node) throws IOException {
    Map<String, PasswordHash> users = new HashMap<>();
    for (Map.Entry<String, YamlNode> entry : node.mapping().entrySet()) {
      YamlNode password = entry.getValue();
      if (!USER.matcher(entry.getKey()).matches()) {
        throw password.error("expected 1 to 128 characters, none of them a colon, as a user");
      }
      try {
        users.put(entry.getKey(), PasswordHash.parse(password.text()));
      } catch (IllegalArgumentException e) {
        throw password.error(e.getMessage());
      }
    }
    if (users.isEmpty()) {
      throw node.error("expected at least one user");
    }
    return new PublicPolicy.Basic(users);
  }

  private static PublicPolicy.Lock tokens(YamlNode node) throws IOException {
    Set<String> hashes = new HashSet<>();
    for (YamlNode item : node.list()) {
      hashes.add(TokenFileFormat.sha256(item));
    }
    if (hashes.isEmpty()) {
      throw node.error("expected at least one token's sha256");
    }
    return new PublicPolicy.Bearer(hashes);
  }

  /** Null if the key is not there; an empty list allows nobody. */
  private static Predicate<InetAddress> allow(Map<String, YamlNode> keys) throws IOException {
    YamlNode node = keys.get("allow");
    if (node == null) {
      return null;
    }
    List<IpRange> ranges = new ArrayList<>();
    for (YamlNode item : node.list()) {
      try {
        ranges.add(IpRange.parse(item.text()));
      } catch (IllegalArgumentException e) {
        throw item.error(e.getMessage());
      }
    }
    return IpRange.anyOf(ranges);
  }
}
