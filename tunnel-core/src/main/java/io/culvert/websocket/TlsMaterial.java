package io.culvert.websocket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Makes TLS contexts from files. All speak TLS 1.2 and above. Errors name the file and what was
 * expected in it, never its content.
 */
public final class TlsMaterial {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END_OF_LABEL = "-----";
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private TlsMaterial() {}

  /**
   * A context for an acceptor.
   *
   * @param chain PEM certificates, the server's own first
   * @param privateKey the unencrypted PKCS#8 key of the first certificate, as PEM
   * @throws IOException if a file cannot be read or holds something else, or the key does not
   *     belong to the certificate
   */
  public static SSLContext serverFromPem(Path chain, Path privateKey) throws IOException {
    Certificate[] certificates = readCertificates(chain).toArray(new Certificate[0]);
    PrivateKey key = readKey(privateKey);
    char[] password = new char[0];
    try {
      if (!belongTogether(key, certificates[0].getPublicKey())) {
        throw new IOException(
            "the private key in "
                + privateKey
                + " does not belong to the first certificate in "
                + chain);
      }
      KeyStore store = emptyStore();
      store.setKeyEntry("server", key, password, certificates);
      return context(keyManagers(store, password), null);
    } catch (GeneralSecurityException e) {
      throw new IOException("the key in " + privateKey + " cannot be used for TLS", e);
    }
  }

  /**
   * A context for an acceptor.
   *
   * @param keyStore a PKCS#12 or JKS file with one private key and its chain
   * @param password of the store and of the key; the caller may clear it afterwards
   * @throws IOException if the file cannot be read, the password is wrong or there is no key
   */
  public static SSLContext serverFromKeyStore(Path keyStore, char[] password) throws IOException {
    try {
      // Knows PKCS#12 and JKS apart by their content.
      KeyStore store = open(keyStore, password);
      boolean hasKey = false;
      for (String alias : Collections.list(store.aliases())) {
        hasKey |= store.isKeyEntry(alias);
      }
      if (!hasKey) {
        throw new IOException("expected a private key in " + keyStore + ", but it has none");
      }
      return context(keyManagers(store, password), null);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("expected a PKCS#12 or JKS key store in " + keyStore, e);
    }
  }

  /**
   * A context for a dialer that trusts these authorities and no others.
   *
   * @param caPem PEM certificates
   * @throws IOException if the file cannot be read or holds no certificate
   */
  public static SSLContext clientTrusting(Path caPem) throws IOException {
    try {
      KeyStore store = emptyStore();
      int number = 0;
      for (Certificate certificate : readCertificates(caPem)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return context(null, trust.getTrustManagers());
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificates in " + caPem + " cannot be used for TLS", e);
    }
  }

  private static KeyStore open(Path keyStore, char[] password)
      throws IOException, GeneralSecurityException {
    try {
      return KeyStore.getInstance(keyStore.toFile(), password);
    } catch (IOException e) {
      throw new IOException("cannot open key store " + keyStore + ": " + e.getMessage(), e);
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            switch (key.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> key.getAlgorithm();
            });
    byte[] probe = {1, 2, 3};
    signature.initSign(key);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(probe);
    return signature.verify(signed);
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static KeyManager[] keyManagers(KeyStore store, char[] password)
      throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    return keys.getKeyManagers();
  }

  /** The JDK's own contexts have TLS 1.2 and 1.3 on and everything older off. */
  private static SSLContext context(KeyManager[] keys, TrustManager[] trust)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust, null);
    return context;
  }

  private static Collection<? extends Certificate> readCertificates(Path file) throws IOException {
    try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IOException("expected a PEM certificate in " + file + ", but found none");
      }
      return certificates;
    } catch (CertificateException e) {
      throw new IOException("expected PEM certificates (BEGIN CERTIFICATE) in " + file, e);
    }
  }

  private static PrivateKey readKey(Path file) throws IOException {
    byte[] pem = Files.readAllBytes(file);
    byte[] der = null;
    try {
      der = decodeKey(new String(pem, StandardCharsets.ISO_8859_1), file);
      for (String algorithm : KEY_ALGORITHMS) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
          // Not of this type.
        }
      }
      throw new IOException("expected an RSA or EC private key in " + file);
    } catch (GeneralSecurityException e) {
      throw new IOException("the JVM cannot read private keys", e);
    } finally {
      Arrays.fill(pem, (byte) 0);
      if (der != null) {
        Arrays.fill(der, (byte) 0);
      }
    }
  }

  private static byte[] decodeKey(String pem, Path file) throws IOException {
    String expected = "expected an unencrypted PKCS#8 key (BEGIN PRIVATE KEY) in " + file;
    int begin = pem.indexOf(BEGIN);
    while (begin >= 0) {
      int labelStart = begin + BEGIN.length();
      int labelEnd = pem.indexOf(END_OF_LABEL, labelStart);
      String label = labelEnd < 0 ? "" : pem.substring(labelStart, labelEnd);
      int key = labelEnd + END_OF_LABEL.length();
      int end = labelEnd < 0 ? -1 : pem.indexOf("-----END " + label, key);
      if (label.equals("PRIVATE KEY") && end >= 0) {
        try {
          return Base64.getMimeDecoder().decode(pem.substring(key, end));
        } catch (IllegalArgumentException e) {
          throw new IOException(expected + ", but its Base64 is damaged");
        }
      }
      // EC PARAMETERS may stand before a key; any other key is one to convert.
      if (label.endsWith("PRIVATE KEY")) {
        throw new IOException(
            expected
                + ", but found BEGIN "
                + label
                + "; convert it: openssl pkcs8 -topk8 -nocrypt -in "
                + file
                + " -out key-pkcs8.pem");
      }
      begin = pem.indexOf(BEGIN, labelStart);
    }
    throw new IOException(expected + ", but found no key");
  }
}
