package io.culvert.relay.access;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what a token file says. */
final class TokenFileFormat {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
  private static final Pattern IDENTITY = Pattern.compile("[!-~]{1,128}");

  /** {@code token} is known, to be refused with a better answer than an unknown key. */
  private static final Set<String> KEYS =
      Set.of("identity", "sha256", "scopes", "expires", "token");

  /**
   * One token.
   *
   * @param sha256 64 digits of lower-case hex
   * @param expires null for never
   */
  record Entry(String identity, String sha256, Set<Scope> scopes, Instant expires) {
    /** Without the hash. */
    @Override
    public String toString() {
      return identity + " " + scopes + " until " + expires;
    }
  }

  private TokenFileFormat() {}

  static List<Entry> parse(Path file, byte[] content) throws IOException {
    YamlNode root = YamlFile.parse(file, content);
    List<Entry> entries = new ArrayList<>();
    Set<String> hashes = new HashSet<>();
    for (YamlNode item : root.required(root.mapping(Set.of("tokens")), "tokens").list()) {
      Entry entry = entry(item);
      if (!hashes.add(entry.sha256())) {
        throw item.error("expected each sha256 once, but that of this entry is there already");
      }
      entries.add(entry);
    }
    return entries;
  }

  private static Entry entry(YamlNode item) throws IOException {
    Map<String, YamlNode> keys = item.mapping(KEYS);
    if (keys.containsKey("token")) {
      throw keys.get("token").error("expected no token in plain text: " + HOW_TO_HASH);
    }
    YamlNode identity = item.required(keys, "identity");
    if (!IDENTITY.matcher(identity.text()).matches()) {
      throw identity.error("expected 1 to 128 visible ASCII characters as identity");
    }
    String sha256 = sha256(item.required(keys, "sha256"));
    YamlNode expires = keys.get("expires");
    return new Entry(
        identity.text(),
        sha256,
        scopes(item.required(keys, "scopes")),
        expires == null ? null : instant(expires));
  }

  private static final String HOW_TO_HASH =
      "culvert token makes a token and its entry; of a token that is there already, sha256: is what"
          + " this prints: printf %s \"$TOKEN\" | sha256sum";

  /** The hash of a token, in lower case. */
  static String sha256(YamlNode node) throws IOException {
    String text = node.text();
    if (!SHA256.matcher(text).matches()) {
      throw node.error(
          "expected 64 hex digits as sha256, but got "
              + text.length()
              + " characters; "
              + HOW_TO_HASH);
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static Set<Scope> scopes(YamlNode node) throws IOException {
    Set<Scope> scopes = new LinkedHashSet<>();
    for (YamlNode item : node.list()) {
      try {
        scopes.add(Scope.parse(item.text()));
      } catch (IllegalArgumentException e) {
        throw item.error(
            "expected serve:NAME, connect:NAME or admin as a scope, but got "
                + YamlNode.quote(item.text()));
      }
    }
    return scopes;
  }

  static Instant instant(YamlNode node) throws IOException {
    try {
      return OffsetDateTime.parse(node.text()).toInstant();
    } catch (DateTimeParseException e) {
      throw node.error(
          "expected a time such as 2027-01-31T00:00:00Z, but got " + YamlNode.quote(node.text()));
    }
  }
}
