package io.culvert.okhttp;

import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

/** The made-up session of a {@link ClearSslSocket}: every name in it says that it is none. */
final class ClearSslSession implements SSLSession {
  /** Appears in {@code response.handshake()}. */
  static final String CIPHER_SUITE = "CULVERT_CLEAR_TEXT_INSIDE_THE_TUNNEL";

  private static final int BUFFER = 16 << 10;

  private final String host;
  private final int port;
  private final long created = System.currentTimeMillis();
  private final Map<String, Object> values = new ConcurrentHashMap<>();

  ClearSslSession(String host, int port) {
    this.host = host;
    this.port = port;
  }

  @Override
  public byte[] getId() {
    return new byte[0];
  }

  @Override
  public SSLSessionContext getSessionContext() {
    return null;
  }

  @Override
  public long getCreationTime() {
    return created;
  }

  @Override
  public long getLastAccessedTime() {
    return created;
  }

  @Override
  public void invalidate() {
    // Nothing could resume it anyway.
  }

  @Override
  public boolean isValid() {
    return false;
  }

  @Override
  public void putValue(String name, Object value) {
    values.put(name, value);
  }

  @Override
  public Object getValue(String name) {
    return values.get(name);
  }

  @Override
  public void removeValue(String name) {
    values.remove(name);
  }

  @Override
  public String[] getValueNames() {
    return values.keySet().toArray(new String[0]);
  }

  @Override
  public Certificate[] getPeerCertificates() {
    return new Certificate[] {ClearTextTrust.CERTIFICATE};
  }

  @Override
  public Certificate[] getLocalCertificates() {
    return null;
  }

  @Override
  public Principal getPeerPrincipal() {
    return ClearTextTrust.CERTIFICATE.getSubjectX500Principal();
  }

  @Override
  public Principal getLocalPrincipal() {
    return null;
  }

  @Override
  public String getCipherSuite() {
    return CIPHER_SUITE;
  }

  /** OkHttp takes no name here that it does not know. */
  @Override
  public String getProtocol() {
    return "TLSv1.3";
  }

  @Override
  public String getPeerHost() {
    return host;
  }

  @Override
  public int getPeerPort() {
    return port;
  }

  @Override
  public int getPacketBufferSize() {
    return BUFFER;
  }

  @Override
  public int getApplicationBufferSize() {
    return BUFFER;
  }
}
