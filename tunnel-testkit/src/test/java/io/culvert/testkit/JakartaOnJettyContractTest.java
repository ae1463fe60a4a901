package io.culvert.testkit;

import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

class JakartaOnJettyContractTest extends JakartaContract {

  @Override
  protected HostedAcceptor.Host host(
      HttpServlet servlet, SSLContext tls, String path, Duration timeout) throws IOException {
    return new JettyHost(servlet, tls, path, timeout);
  }
}
