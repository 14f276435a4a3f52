// Finds giflab.rs in the installed SDK. A plugin of your own may simply keep a copy of it beside lib.rs.
fn main() {
    println!("cargo:rerun-if-env-changed=GIFLAB_SDK");
    let sdk = std::env::var("GIFLAB_SDK").expect("GIFLAB_SDK: the prefix that the SDK is installed under");
    let bindings = std::path::Path::new(&sdk).join("share/giflab-sdk/giflab.rs");
    println!("cargo:rerun-if-changed={}", bindings.display());
    println!("cargo:rustc-env=GIFLAB_RS={}", bindings.display());
}
