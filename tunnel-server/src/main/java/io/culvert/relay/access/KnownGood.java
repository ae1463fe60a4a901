package io.culvert.relay.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Credentials that were right not long ago, by an HMAC under a key that never leaves this object: a
 * page with a hundred pictures costs one hash of the password. Thread-safe.
 */
final class KnownGood {
  /** From the check on, however often it is used. */
  static final Duration KEPT = Duration.ofMinutes(5);

  static final int MAX = 10_000;

  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec key;
  private final LongSupplier nanos;

  /** When each was checked. Guarded by this. */
  private final Map<ByteBuffer, Long> checked =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Long> eldest) {
          return size() > MAX;
        }
      };

  KnownGood(LongSupplier nanos) {
    this.nanos = nanos;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, HMAC);
  }

  /** What a credential is known by; nothing can be learned from it. */
  ByteBuffer digest(String name, IpRange client, String authorization) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      // Neither of the first two can have a space.
      String all = name + " " + client + " " + authorization;
      return ByteBuffer.wrap(mac.doFinal(all.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC, e);
    }
  }

  synchronized boolean has(ByteBuffer digest) {
    Long since = checked.get(digest);
    return since != null && nanos.getAsLong() - since < KEPT.toNanos();
  }

  synchronized void add(ByteBuffer digest) {
    checked.remove(digest); // or it would keep its place in the order
    checked.put(digest, nanos.getAsLong());
  }
}
