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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsMaterialTest {
  @TempDir static Path shared;
  private static TestCertificates ec;
  private static TestCertificates otherEc;
  private static TestCertificates rsa;

  @TempDir Path directory;

  @BeforeAll
  static void makeCertificates() throws IOException {
    ec = certificates("EC", "ec");
    otherEc = certificates("EC", "other-ec");
    rsa = certificates("RSA", "rsa");
  }

  private static TestCertificates certificates(String algorithm, String name) throws IOException {
    return TestCertificates.make(
        Files.createDirectory(shared.resolve(name)), algorithm, "dns:localhost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void readsPemAndKeyStores(String algorithm) throws IOException {
    TestCertificates made = algorithm.equals("RSA") ? rsa : ec;
    assertTls12AndAbove(TlsMaterial.serverFromPem(made.certificate(), made.privateKey()));
    assertTls12AndAbove(
        TlsMaterial.serverFromKeyStore(ec.keyStore(), TestCertificates.PASSWORD.toCharArray()));
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
    String certificate = Files.readString(ec.certificate());
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
    String certificate = Files.readString(ec.certificate());
    String key = Files.readString(ec.privateKey());
    assertTrue(failure(certificate, "SECRET").contains("key.pem"));
    assertTrue(failure(certificate, certificate).contains("found no key"));
    String cut = "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----";
    assertTrue(failure(certificate, cut).contains("PRIVATE KEY"));
    assertTrue(failure("SECRET", key).contains("chain.pem"));
    assertTrue(failure("", key).contains("chain.pem"));
    String garbage = TestCertificates.pem("PRIVATE KEY", "SECRET".getBytes(StandardCharsets.UTF_8));
    assertTrue(failure(certificate, garbage).contains("RSA or EC"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void aKeyOfAnotherCertificateIsRefused(String algorithm) throws IOException {
    TestCertificates other = algorithm.equals("RSA") ? rsa : otherEc;
    String message =
        failure(Files.readString(ec.certificate()), Files.readString(other.privateKey()));
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
    IOException error =
        assertThrows(
            IOException.class,
            () -> TlsMaterial.serverFromKeyStore(ec.keyStore(), "SECRET".toCharArray()));
    assertNotNull(error.getMessage());
    assertFalse(error.toString().contains("SECRET"), error::toString);
    assertTrue(error.getMessage().contains("server.p12"), error::toString);
  }
}
