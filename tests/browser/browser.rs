//! A browser as a person uses it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, WebDriver, WindowHandle};

use crate::axe;
use crate::driver::Driver;

/// What it is seen on.
#[derive(Clone, Copy)]
pub(crate) enum Screen {
    Desk,
    /// 360 by 740 points, with touch.
    Phone,
    /// The same, in dark colors.
    DarkPhone,
}

pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    story: String,
    pictures: AtomicU32,
    // Ends driver and browser.
    _process: Driver,
}

/// How long a page may take on a busy machine. Nothing waits for it once what is looked for is there.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);

/// The text as an XPath literal.
fn quoted(text: &str) -> String {
    assert!(!text.contains('"'), "{text:?} cannot be looked for");
    format!("\"{text}\"")
}

/// Another tab than the first.
pub(crate) struct Tab {
    first: WindowHandle,
}

/// Articles, rows, list items or sections, one within the other, that speak of all this.
fn part(about: &[&str]) -> String {
    let parts = about.iter().map(|words| {
        format!(
            "//*[self::article or self::li or self::tr or self::section][contains(normalize-space(), {})]",
            quoted(words)
        )
    });
    parts.collect()
}

impl Browser {
    pub(crate) async fn open(story: impl Into<String>, screen: Screen) -> Self {
        let process = Driver::start();
        let mut options = ChromeCapabilities::new();
        // Without the background flags it looks for hosts of its maker at every start.
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1200,1000",
        ] {
            options.add_arg(argument).expect("an argument");
        }
        if let Screen::DarkPhone = screen {
            options.add_arg("--blink-settings=preferredColorScheme=0").expect("an argument");
        }
        if let Screen::Phone | Screen::DarkPhone = screen {
            let phone = json!({ "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 2.0 } });
            options.add_experimental_option("mobileEmulation", phone).expect("an option");
        }
        let driver = WebDriver::new(&process.url, options).await.expect("a browser");
        Self { driver, story: story.into(), pictures: AtomicU32::new(0), _process: process }
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    pub(crate) async fn url(&self) -> String {
        self.driver.current_url().await.expect("a URL").to_string()
    }

    async fn find(&self, what: &str, xpath: String) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.driver.query(By::XPath(xpath.as_str())).wait(PATIENCE, GLANCE).and_displayed();
            match found.first().await {
                Ok(element) => return element,
                // The page was left while it was looked at: the next one is.
                Err(error)
                    if matches!(*error, WebDriverErrorInner::StaleElementReference(_))
                        && Instant::now() < until => {}
                Err(error) => panic!("no {what} on {}:\n{}\n{error}", self.url().await, self.text().await),
            }
        }
    }

    /// Everything that can be read on the page.
    pub(crate) async fn text(&self) -> String {
        match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits for a heading with these words: the page is there.
    pub(crate) async fn sees_heading(&self, words: &str) {
        let xpath = format!("//*[self::h1 or self::h2][contains(normalize-space(), {})]", quoted(words));
        self.find(&format!("heading {words:?}"), xpath).await;
    }

    /// Waits for these words anywhere on the page.
    pub(crate) async fn sees(&self, words: &str) {
        let xpath = format!("//body//*[contains(normalize-space(), {})]", quoted(words));
        self.find(&format!("text {words:?}"), xpath).await;
    }

    /// Presses a button, or what looks like one.
    pub(crate) async fn press(&self, words: &str) {
        let words = quoted(words);
        let xpath = format!("//*[self::button or self::a or self::summary][normalize-space()={words}]");
        self.click(&format!("button {words}"), xpath).await;
    }

    /// Presses a button within the part of the page that speaks of all this.
    pub(crate) async fn press_in(&self, about: &[&str], words: &str) {
        let words = quoted(words);
        let xpath = format!("{}//*[self::button or self::a][normalize-space()={words}]", part(about));
        self.click(&format!("button {words} in {about:?}"), xpath).await;
    }

    /// Waits for these words within the part of the page that speaks of all this.
    pub(crate) async fn sees_in(&self, about: &[&str], words: &str) {
        let xpath = format!("{}//*[contains(normalize-space(), {})]", part(about), quoted(words));
        self.find(&format!("text {words:?} in {about:?}"), xpath).await;
    }

    /// Waits for one of these headings and tells which it is.
    pub(crate) async fn sees_either_heading<'h>(&self, one: &'h str, other: &'h str) -> &'h str {
        let heading = format!(
            "//*[self::h1 or self::h2][normalize-space()={} or normalize-space()={}]",
            quoted(one),
            quoted(other)
        );
        let found = self.find(&format!("heading {one:?} or {other:?}"), heading).await;
        if found.text().await.expect("its text").trim() == one { one } else { other }
    }

    /// What stands in an element.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        let found = self.driver.query(By::Css(css)).wait(PATIENCE, GLANCE).first().await;
        found.expect(css).text().await.expect("its text").trim().to_owned()
    }

    /// Goes into the frame with this title. What follows happens there, until [`Self::leave_frame`].
    pub(crate) async fn enter_frame(&self, title: &str) {
        let xpath = format!("//iframe[@title={}]", quoted(title));
        self.find(&format!("frame {title:?}"), xpath).await.enter_frame().await.expect("the frame");
    }

    pub(crate) async fn leave_frame(&self) {
        self.driver.enter_default_frame().await.expect("the page");
    }

    /// Opens another tab and goes there.
    pub(crate) async fn open_tab(&self) -> Tab {
        let first = self.driver.window().await.expect("a tab");
        let tab = self.driver.new_tab().await.expect("another tab");
        self.driver.switch_to_window(tab).await.expect("the other tab");
        Tab { first }
    }

    /// Goes back to the tab from which this one was opened.
    pub(crate) async fn leave_tab(&self, tab: Tab) {
        self.driver.switch_to_window(tab.first).await.expect("the first tab");
    }

    async fn click(&self, what: &str, xpath: String) {
        let element = self.find(what, xpath).await;
        element.scroll_into_view().await.expect("it can be scrolled to");
        element.click().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }

    /// Follows the link whose words these are part of.
    pub(crate) async fn press_link_to(&self, words: &str) {
        let xpath = format!("//a[contains(normalize-space(), {})]", quoted(words));
        self.click(&format!("link {words:?}"), xpath).await;
    }

    /// Chooses the radio button with this label.
    pub(crate) async fn choose(&self, label: &str) {
        let xpath = format!("//label[normalize-space()={}]", quoted(label));
        self.click(&format!("choice {label:?}"), xpath).await;
    }

    /// Types into the field with this label, over what was there.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let label = quoted(label);
        let xpath = format!("//*[@id=//label[contains(normalize-space(), {label})]/@for]");
        let field = self.find(&format!("field {label}"), xpath).await;
        field.clear().await.expect("it can be emptied");
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Checks the page for accessibility, and that nothing sticks out sideways; keeps a picture of it.
    pub(crate) async fn inspect(&self, page: &str) {
        let number = self.pictures.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(folder) = std::env::var_os("COUNTERSIGN_SCREENSHOTS").map(PathBuf::from) {
            let folder = folder.join(&self.story);
            std::fs::create_dir_all(&folder).expect("a folder for pictures");
            let file = folder.join(format!("{number:02}-{}.png", page.replace(' ', "-")));
            self.driver.screenshot(&file).await.expect("a picture");
        }
        axe::check(&self.driver, &format!("{} / {page}", self.story)).await;
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let sticks_out = self.number(wide).await;
        assert!(sticks_out <= 0, "{} / {page} is {sticks_out} points too wide", self.story);
    }

    /// Checks that there is a table and that no column of one is out of sight.
    pub(crate) async fn sees_whole_tables(&self) {
        assert!(self.number("return document.querySelectorAll('td').length").await > 0, "no table");
        let right = "document.documentElement.clientWidth + 1";
        let hidden = format!(
            "return [...document.querySelectorAll('td')].filter(td => td.getBoundingClientRect().right > {right}).length"
        );
        assert_eq!(self.number(&hidden).await, 0, "{}: cells out of sight", self.story);
    }

    async fn number(&self, script: &str) -> i64 {
        let value = self.driver.execute(script, Vec::new()).await.expect("a value");
        value.convert().expect("a number")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session would say good-bye and block the runtime that has to carry it; its process ends in any case.
        let _ = self.driver.clone().leak();
    }
}
