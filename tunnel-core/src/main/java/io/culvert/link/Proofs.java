package io.culvert.link;

import io.culvert.frame.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 proofs that a side knows the resume secret. Each begins with its own label, so that
 * none can stand for another.
 */
public final class Proofs {
  private static final String ALGORITHM = "HmacSHA256";

  private Proofs() {}

  /** Third step of the handshake: over the connection id and both nonces. */
  public static byte[] confirm(byte[] secret, byte[] id, byte[] dialerNonce, byte[] acceptorNonce) {
    return hmac(secret, "culvert.v1 confirm", id, dialerNonce, acceptorNonce);
  }

  /** First step of a resume: over the epoch, the position and the dialer's new nonce. */
  public static byte[] resume(
      byte[] secret, byte[] id, int epoch, long received, byte[] dialerNonce) {
    return hmac(secret, "culvert.v1 resume", id, position(epoch, received), dialerNonce);
  }

  /** Second step of a resume: the acceptor's position, bound to both nonces. */
  public static byte[] resumed(
      byte[] secret,
      byte[] id,
      int epoch,
      long received,
      byte[] dialerNonce,
      byte[] acceptorNonce) {
    byte[] position = position(epoch, received);
    return hmac(secret, "culvert.v1 resumed", id, position, dialerNonce, acceptorNonce);
  }

  /** Compares in constant time. */
  public static boolean matches(byte[] expected, byte[] actual) {
    return MessageDigest.isEqual(expected, actual);
  }

  private static byte[] position(int epoch, long received) {
    return ByteBuffer.allocate(12).putInt(epoch).putLong(received).array();
  }

  private static byte[] hmac(byte[] secret, String label, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      mac.update(label.getBytes(StandardCharsets.US_ASCII));
      for (byte[] part : parts) {
        mac.update(part);
      }
      byte[] proof = mac.doFinal();
      assert proof.length == Wire.SECRET_BYTES;
      return proof;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
