package io.culvert.relay.access;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Who may use one name.
 *
 * @param lock what a request has to open; null: nothing
 * @param allow which clients may come at all; null: all
 */
record PublicPolicy(Lock lock, Predicate<InetAddress> allow) {

  /** Whether a client may come, whatever it shows. */
  boolean admits(Optional<InetAddress> client) {
    return allow == null || client.filter(allow).isPresent();
  }

  /** Knows credentials of one scheme. Immutable. */
  sealed interface Lock {
    /**
     * Compares with what is known, when asked to; empty if the value is of another scheme or cannot
     * be anybody's.
     */
    Optional<BooleanSupplier> attempt(String authorization);

    /** Whether an attempt costs so much that it has to be spared. */
    boolean costly();

    /** {@code WWW-Authenticate}; the name is one label of a host name, or what stands for it. */
    String challenge(String name, boolean tried);
  }

  /** {@code Basic} (RFC 7617). */
  static final class Basic implements Lock {
    private final Map<String, PasswordHash> users;

    /** As costly as those of users, so that time does not tell who is one. */
    private final List<PasswordHash> ofNobody = new ArrayList<>();

    private final String seed = TokenFile.newToken();

    /**
     * @param users at least one
     */
    Basic(Map<String, PasswordHash> users) {
      this.users = Map.copyOf(users);
      this.users.values().forEach(known -> ofNobody.add(PasswordHash.unknown(known)));
    }

    @Override
    public Optional<BooleanSupplier> attempt(String authorization) {
      String pair = Schemes.credential("Basic", authorization).map(Basic::decoded).orElse("");
      int colon = pair.indexOf(':');
      String password = pair.substring(colon + 1);
      if (colon < 0 || !PasswordHash.possible(password)) {
        return Optional.empty();
      }
      String user = pair.substring(0, colon);
      PasswordHash known = users.get(user);
      PasswordHash compared =
          known == null ? ofNobody.get(Math.floorMod(place(user), ofNobody.size())) : known;
      // Nobody's hash never matches: nobody knows a password for it.
      return Optional.of(() -> compared.matches(password));
    }

    /** The same one each time, and which one nobody can work out. */
    private int place(String user) {
      return TokenFile.hash(seed + user).hashCode();
    }

    private static String decoded(String base64) {
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
            .toString();
      } catch (IllegalArgumentException | CharacterCodingException e) {
        return "";
      }
    }

    @Override
    public boolean costly() {
      return true;
    }

    @Override
    public String challenge(String name, boolean tried) {
      return "Basic realm=\"" + name + "\", charset=\"UTF-8\"";
    }
  }

  /** {@code Bearer} (RFC 6750): random tokens, of which the SHA-256 is known. */
  static final class Bearer implements Lock {
    private final Set<String> sha256;

    Bearer(Set<String> sha256) {
      this.sha256 = Set.copyOf(sha256);
    }

    @Override
    public Optional<BooleanSupplier> attempt(String authorization) {
      // As in TokenFile: who does not know a token cannot steer its hash.
      return Schemes.credential("Bearer", authorization)
          .map(token -> () -> sha256.contains(TokenFile.hash(token)));
    }

    @Override
    public boolean costly() {
      return false;
    }

    @Override
    public String challenge(String name, boolean tried) {
      return "Bearer realm=\"" + name + "\"" + (tried ? ", error=\"invalid_token\"" : "");
    }
  }
}
