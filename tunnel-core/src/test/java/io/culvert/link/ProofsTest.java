package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The expected values come from {@code openssl dgst -sha256 -mac HMAC -macopt hexkey:1011...2f}
 * over the label and the fields as docs/protocol.md orders them.
 */
class ProofsTest {
  private static final byte[] ID = count(0xa0, 16);
  private static final byte[] SECRET = count(0x10, 32);
  private static final byte[] DIALER = count(0x40, 32);
  private static final byte[] ACCEPTOR = count(0x70, 32);

  @Test
  void confirmCoversIdAndBothNonces() {
    assertEquals(
        "79da62258ffe58bd2911234c2b990efcc4c3644753695e912c4735a20b0272dd",
        hex(Proofs.confirm(SECRET, ID, DIALER, ACCEPTOR)));
  }

  @Test
  void resumeCoversEpochPositionAndTheNewNonce() {
    assertEquals(
        "2c210e763e5b759da2cee9483dd0dc86f1f33f1254fb765fb36d212932b9ed6e",
        hex(Proofs.resume(SECRET, ID, 2, 1000, DIALER)));
  }

  @Test
  void resumedCoversEpochPositionAndBothNonces() {
    assertEquals(
        "096ded6070d7a44807bd9ac8398a2e1eb6f622a5ef25d72df51f1e55ce9dea20",
        hex(Proofs.resumed(SECRET, ID, 2, 2000, DIALER, ACCEPTOR)));
  }

  @Test
  void everyFieldChangesTheProof() {
    Set<String> proofs = new HashSet<>();
    proofs.add(hex(Proofs.resumed(SECRET, ID, 2, 2000, DIALER, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(DIALER, ID, 2, 2000, DIALER, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(SECRET, count(0xa1, 16), 2, 2000, DIALER, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(SECRET, ID, 3, 2000, DIALER, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(SECRET, ID, 2, 2001, DIALER, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(SECRET, ID, 2, 2000, ACCEPTOR, ACCEPTOR)));
    proofs.add(hex(Proofs.resumed(SECRET, ID, 2, 2000, DIALER, DIALER)));
    proofs.add(hex(Proofs.resume(SECRET, ID, 2, 2000, DIALER)));
    proofs.add(hex(Proofs.confirm(SECRET, ID, DIALER, ACCEPTOR)));

    assertEquals(9, proofs.size());
  }

  @Test
  void onlyEqualProofsMatch() {
    byte[] proof = Proofs.confirm(SECRET, ID, DIALER, ACCEPTOR);
    byte[] other = proof.clone();
    other[31] ^= 1;

    assertTrue(Proofs.matches(proof, proof.clone()));
    assertFalse(Proofs.matches(proof, other));
    assertFalse(Proofs.matches(proof, new byte[0]));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] count(int from, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (from + i);
    }
    return bytes;
  }
}
