package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.TlsMaterial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsMaterialTest {
  @TempDir Path directory;

  private TestCertificates certificates(String algorithm, String name) throws IOException {
    return TestCertificates.make(
        Files.createDirectory(directory.resolve(name)), algorithm, "dns:localhost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void readsPemAndKeyStores(String algorithm) throws IOException {
    TestCertificates made = certificates(algorithm, "made");
    assertTls12AndAbove(TlsMaterial.serverFromPem(made.certificate(), made.privateKey()));
    assertTls12AndAbove(
        TlsMaterial.serverFromKeyStore(made.keyStore(), TestCertificates.PASSWORD.toCharArray()));
    assertTls12AndAbove(TlsMaterial.clientTrusting(made.certificate()));
  }

  private static void assertTls12AndAbove(SSLContext context) {
    assertEquals(
        List.of("TLSv1.3", "TLSv1.2"), List.of(context.createSSLEngine().getEnabledProtocols()));
  }

  private String failure(String certificate, String key) throws IOException {
    Path certificateFile = Files.writeString(directory.resolve("chain.pem"), certificate);
    Path keyFile = Files.writeString(directory.resolve("key.pem"), key);
    IOException error =
        assertThrows(IOException.class, () -> TlsMaterial.serverFromPem(certificateFile, keyFile));
    assertFalse(error.toString().contains("SECRET"), error::toString);
    return error.getMessage();
  }

  @Test
  void otherKeyFormatsAreNamedTogetherWithTheWayOut() throws IOException {
    String certificate = Files.readString(certificates("EC", "made").certificate());
    for (String label : List.of("RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY")) {
      String message =
          failure(
              certificate, TestCertificates.pem(label, "SECRET".getBytes(StandardCharsets.UTF_8)));
      assertTrue(message.contains("key.pem"), message);
      assertTrue(message.contains("BEGIN " + label), message);
      assertTrue(message.contains("openssl pkcs8 -topk8"), message);
    }
  }

  @Test
  void filesWithSomethingElseAreNamed() throws IOException {
    TestCertificates made = certificates("EC", "made");
    String certificate = Files.readString(made.certificate());
    String key = Files.readString(made.privateKey());
    assertTrue(failure(certificate, "SECRET").contains("key.pem"));
    assertTrue(failure(certificate, certificate).contains("found no key"));
    assertTrue(failure("SECRET", key).contains("chain.pem"));
    assertTrue(failure("", key).contains("chain.pem"));
    String garbage = TestCertificates.pem("PRIVATE KEY", "SECRET".getBytes(StandardCharsets.UTF_8));
    assertTrue(failure(certificate, garbage).contains("RSA or EC"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void aKeyOfAnotherCertificateIsRefused(String algorithm) throws IOException {
    TestCertificates one = certificates("EC", "one");
    TestCertificates other = certificates(algorithm, "other");
    String message =
        failure(Files.readString(one.certificate()), Files.readString(other.privateKey()));
    assertTrue(message.contains("does not belong"), message);
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("missing.pem");
    NoSuchFileException error =
        assertThrows(NoSuchFileException.class, () -> TlsMaterial.clientTrusting(missing));
    assertTrue(error.getMessage().contains("missing.pem"));
  }

  @Test
  void aWrongPasswordIsAClearError() throws IOException {
    TestCertificates made = certificates("EC", "made");
    IOException error =
        assertThrows(
            IOException.class,
            () -> TlsMaterial.serverFromKeyStore(made.keyStore(), "SECRET".toCharArray()));
    assertNotNull(error.getMessage());
    assertFalse(error.toString().contains("SECRET"), error::toString);
    assertTrue(error.getMessage().contains("server.p12"), error::toString);
  }
}
