package io.culvert.relay;

import io.culvert.websocket.TlsMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay's certificate and key, read again when their files have changed. Connections that are
 * there keep what they began with. Looks at the content now and then: what tells of changes does
 * not see those behind symbolic links, which is how certificates are often put in place.
 */
final class TlsFiles {
  /** A certificate is renewed days before it expires. */
  static final Duration LOOK = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

  private final Path chain;
  private final Path key;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();

  /** What was tried last; used by one thread at a time. */
  private byte[] seen;

  /**
   * @throws IOException if a file cannot be read or is not what was expected; says which
   */
  TlsFiles(Path chain, Path key) throws IOException {
    this.chain = chain;
    this.key = key;
    seen = digest();
    factory.setSslContext(TlsMaterial.serverFromPem(chain, key));
  }

  SslContextFactory.Server factory() {
    return factory;
  }

  /** Looks again from time to time, until the scheduler is stopped. */
  void watch(Scheduler scheduler, Duration every) {
    scheduler.schedule(
        () -> {
          look();
          watch(scheduler, every);
        },
        every.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  private void look() {
    try {
      byte[] now = digest();
      if (!Arrays.equals(seen, now)) {
        seen = now; // what is damaged now is not tried again before it has changed
        SSLContext context = TlsMaterial.serverFromPem(chain, key);
        factory.reload(changing -> changing.setSslContext(context));
        LOG.info("The certificate in {} has changed and is in use", chain);
      }
    } catch (Exception e) {
      LOG.warn(
          "The certificate in {} has changed and cannot be used: {}; the one before stays in use",
          chain,
          e.getMessage());
    }
  }

  private byte[] digest() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(chain));
      byte[] secret = Files.readAllBytes(key);
      digest.update(secret);
      Arrays.fill(secret, (byte) 0);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
