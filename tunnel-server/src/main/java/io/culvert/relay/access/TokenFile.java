package io.culvert.relay.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tokens from a YAML file, which is read again when it changes; docs/access.md has the format.
 *
 * <p>The file holds SHA-256 of each token and never a token. A slow password hash would add
 * nothing: tokens are random, of 128 bits and more ({@link #newToken} makes 256), so that there is
 * nothing to guess. A file that has become wrong changes nothing and is logged. A grant ends when
 * its entry is removed or changed, or at its time of expiry; {@link #onChange} listeners then run
 * within a second or two. An entry that is unchanged keeps its grants.
 *
 * <p>Thread-safe. Has one daemon thread, until {@link #close}.
 */
public final class TokenFile implements Credentials {
  /** So that a token which has leaked is recognised by people and by secret scanners. */
  private static final String PREFIX = "cvt_";

  private static final int TOKEN_BYTES = 32;

  /** Characters: longer ones are not hashed. JWTs are, and must be told apart quickly. */
  private static final int MAX_TOKEN = 16_384;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private final WatchedFile file;
  private final Ticker ticker;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** By the hash in lower-case hex. Replaced whole. */
  private volatile Map<String, TokenGrant> grants = Map.of();

  private TokenFile(Path path, Clock clock, Duration interval) throws IOException {
    this.clock = clock;
    file = new WatchedFile(path, content -> replace(TokenFileFormat.parse(path, content)));
    ticker = new Ticker("culvert-tokens-" + path.getFileName(), interval, this::tick);
  }

  /**
   * Reads a file and starts to watch it.
   *
   * @throws IOException if there is no such file or it is wrong; says where, and quotes no secret
   */
  public static TokenFile open(Path file) throws IOException {
    return open(file, Clock.systemUTC(), WatchedFile.INTERVAL);
  }

  static TokenFile open(Path file, Clock clock, Duration interval) throws IOException {
    return new TokenFile(file, clock, interval);
  }

  /** A new random token, {@code cvt_} and 256 bits in base64url. To be shown once, not kept. */
  public static String newToken() {
    byte[] random = new byte[TOKEN_BYTES];
    RANDOM.nextBytes(random);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** What the file holds for a token: SHA-256 of its UTF-8 bytes in 64 digits of lower-case hex. */
  public static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>How long the look-up takes depends on the hash of the token and not on the token; who does
   * not know a token cannot steer its hash, and the hashes themselves are compared in constant
   * time.
   */
  @Override
  public Optional<Grant> grant(String bearerToken) {
    if (bearerToken.length() > MAX_TOKEN) {
      return Optional.empty();
    }
    String hash = hash(bearerToken);
    TokenGrant grant = grants.get(hash);
    if (grant == null || !same(hash, grant.entry().sha256()) || grant.ended()) {
      return Optional.empty();
    }
    return Optional.of(grant);
  }

  /** Whether two hashes are equal, in a time that does not tell where they differ. */
  static boolean same(String left, String right) {
    return MessageDigest.isEqual(
        left.getBytes(StandardCharsets.US_ASCII), right.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    ticker.close();
  }

  @Override
  public String toString() {
    return "TokenFile with " + grants.size() + " tokens";
  }

  /** Reads what is new, and tells of what has ended since the last time. */
  void tick() {
    boolean changed = file.check();
    boolean expired = false;
    for (TokenGrant grant : grants.values()) {
      expired |= grant.expiredSinceLastAsked();
    }
    if (changed || expired) {
      listeners.forEach(Runnable::run);
    }
  }

  private void replace(List<TokenFileFormat.Entry> entries) {
    Map<String, TokenGrant> old = grants;
    Map<String, TokenGrant> next = new HashMap<>();
    for (TokenFileFormat.Entry entry : entries) {
      TokenGrant before = old.get(entry.sha256());
      boolean kept = before != null && before.entry().equals(entry);
      next.put(entry.sha256(), kept ? before : new TokenGrant(entry, clock));
    }
    // New ones first: whoever is told of an end and looks again finds what is in force.
    grants = next;
    for (TokenGrant before : old.values()) {
      if (next.get(before.entry().sha256()) != before) {
        before.revoke();
      }
    }
  }
}
