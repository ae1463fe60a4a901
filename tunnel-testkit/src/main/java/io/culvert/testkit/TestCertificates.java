package io.culvert.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A self-signed certificate and its key, made when the test runs: no key is ever kept with the
 * code. Whoever trusts {@link #certificate} trusts the server that has {@link #privateKey}.
 *
 * @param keyStore PKCS#12
 * @param certificate PEM
 * @param privateKey PEM, PKCS#8, unencrypted
 */
public record TestCertificates(Path keyStore, Path certificate, Path privateKey) {
  /** Of the key store; worth nothing, as the store lives as long as the test. */
  public static final String PASSWORD = "only-for-tests";

  /**
   * Makes one for the host names and addresses of this machine.
   *
   * @param directory empty, removed by the caller
   */
  public static TestCertificates forLoopback(Path directory) throws IOException {
    return make(directory, "RSA", "dns:localhost,ip:127.0.0.1,ip:::1");
  }

  /**
   * Makes one for these names.
   *
   * @param directory empty, removed by the caller
   * @param algorithm RSA or EC
   * @param names as {@code keytool} has them: {@code dns:a.example,ip:127.0.0.1}
   */
  public static TestCertificates make(Path directory, String algorithm, String names)
      throws IOException {
    Path store = directory.resolve("server.p12");
    runKeytool(directory, store, algorithm, names);
    try {
      char[] password = PASSWORD.toCharArray();
      KeyStore keys = KeyStore.getInstance(store.toFile(), password);
      Path certificate = directory.resolve("server.pem");
      Files.writeString(
          certificate, pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
      Path key = directory.resolve("server.key");
      Files.writeString(key, pem("PRIVATE KEY", keys.getKey("server", password).getEncoded()));
      return new TestCertificates(store, certificate, key);
    } catch (GeneralSecurityException e) {
      throw new IOException("the key store cannot be read", e);
    }
  }

  private static void runKeytool(Path directory, Path store, String algorithm, String names)
      throws IOException {
    Path log = directory.resolve("keytool.txt");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                algorithm,
                "-keysize",
                algorithm.equals("RSA") ? "2048" : "256",
                "-dname",
                "CN=culvert test",
                "-ext",
                "san=" + names,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool failed: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      keytool.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    }
  }

  /** The text form of some DER bytes. */
  public static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
